"""optax.adadelta() without arguments goes uphill: its learning rate is None, and then nothing turns the sign. Adam and
SGD of optax refuse to be made without a rate. Run: python tests/bench/optax_adadelta.py
"""

import jax.numpy as jnp
import optax


def movement(optimizer: optax.GradientTransformation) -> float:
    """Of a weight of 0 by a step with a gradient of 1; below 0 is down."""
    weight = jnp.zeros(())
    updates, _ = optimizer.update(jnp.ones(()), optimizer.init(weight), weight)
    return float(optax.apply_updates(weight, updates))


def main() -> None:
    print(f"optax {optax.__version__}, gradient 1")
    print(f"adadelta(): {movement(optax.adadelta()):+.6f}")
    print(f"adadelta(1.0): {movement(optax.adadelta(1.0)):+.6f}")
    for name in ("adam", "sgd"):
        try:
            getattr(optax, name)()
        except TypeError as error:
            print(f"{name}(): {error}")


if __name__ == "__main__":
    main()
