"""The shape of a training loop in JAX: parameters in a tree, an optimizer of optax, a jitted step that donates its
state.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

WIDTH, CLASSES = 8, 5
OPTIMIZERS = {
    "sgd": optax.sgd(0.1),
    "momentum": optax.sgd(0.1, momentum=0.9),
    "adam": optax.adam(1e-3),
    "adamw": optax.adamw(1e-3),
    "adagrad": optax.adagrad(0.1),
    "rmsprop": optax.rmsprop(1e-3),
}


def scores(params, words, kind):
    table = params["table"]
    if kind == "scan":
        middle = jax.lax.scan(lambda carry, word: (carry + table[word], None), jnp.zeros((8, WIDTH)), words.T)[0]
    else:
        middle = table[words].sum(1)
    middle = jnp.tanh(middle)
    return middle @ table.T if kind == "tied" else middle @ params["head"]


def loss_of(params, batch, kind):
    words, right = batch
    params = {**params, "table": jax.lax.stop_gradient(params["table"])} if kind == "frozen" else params
    return optax.softmax_cross_entropy_with_integer_labels(scores(params, words, kind), right).mean()


def build(vocab=2000, optimizer="adam", kind="plain"):
    drawn = np.random.default_rng(1)
    params = {
        "table": jnp.array(drawn.normal(size=(vocab, WIDTH)), jnp.float32),
        "head": jnp.array(drawn.normal(size=(WIDTH, CLASSES)), jnp.float32),
    }
    update = OPTIMIZERS[optimizer]

    @partial(jax.jit, donate_argnums=0)
    def step(state, batch):
        params, kept = state
        loss, gradients = jax.value_and_grad(loss_of)(params, batch, kind)
        changes, kept = update.update(gradients, kept, params)
        return (optax.apply_updates(params, changes), kept), loss

    batches = [(drawn.integers(0, vocab, (8, 6)), drawn.integers(0, CLASSES, 8)) for _ in range(12)]
    return (params, update.init(params)), step, batches
