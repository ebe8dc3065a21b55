"""JAX: a jitted step, its parts, its table stepped alone, and its profile."""
