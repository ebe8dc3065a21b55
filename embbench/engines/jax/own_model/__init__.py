"""A user's own training step in JAX."""
