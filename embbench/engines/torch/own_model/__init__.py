"""A user's own PyTorch model: its step, its tables, and what the step does with them."""
