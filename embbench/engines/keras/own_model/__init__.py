"""A user's own Keras model: its step, its tables, and what the step does with them."""
