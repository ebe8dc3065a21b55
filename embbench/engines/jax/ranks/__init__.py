"""A JAX trial whose step several processes share."""
