"""JAX: a jitted step, its parts, its table by itself and its profile."""
