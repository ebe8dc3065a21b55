"""Adadelta of optax without a rate, without embbench: the direction of its steps.

python -m tests.bench.optax_adadelta_sign
"""

import jax
import jax.numpy as jnp
import optax

MAKES = {"adadelta()": {}, "adadelta(1.0)": {"learning_rate": 1.0}}
STEPS = 1000


def main() -> None:
    """The gradient of `loss` is 1: a descent makes the weight negative."""
    print(f"optax {optax.__version__}, JAX {jax.__version__}: a weight of 0 after {STEPS} steps on the loss w")
    for name, how in MAKES.items():
        optimizer = optax.adadelta(**how)
        weight = jnp.zeros(())
        state = optimizer.init(weight)
        update = jax.jit(optimizer.update)
        for _ in range(STEPS):
            gradient = jax.grad(lambda each: each)(weight)
            updates, state = update(gradient, state, weight)
            weight = optax.apply_updates(weight, updates)
        told = "climbs the loss" if weight > 0 else "descends"
        print(f"  optax.{name}: {float(weight):.4f}, {told}")


if __name__ == "__main__":
    main()
