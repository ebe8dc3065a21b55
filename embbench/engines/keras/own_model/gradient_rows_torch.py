"""PyTorch below Keras: a lookup gives a sparse gradient where it is asked to."""

from typing import Any

import keras
import torch


def make_sparse(layer: keras.layers.Embedding) -> None:
    """See `gradient_rows.GradientRows`."""
    own = layer.call

    def call(inputs: Any) -> Any:
        if not torch.is_grad_enabled() or not isinstance(inputs, torch.Tensor):
            return own(inputs)
        rows = torch.nn.functional.embedding(inputs.long(), layer.embeddings.value, sparse=True)
        return keras.ops.cast(rows, layer.compute_dtype)

    layer.call = call


def rows_of(gradient: Any) -> tuple[Any, Any]:
    """See `gradient_rows.GradientRows`."""
    if not gradient.is_sparse:
        return None, gradient
    summed = gradient.coalesce()
    return summed.indices()[0], summed.values()


def read(variable: keras.Variable, rows: Any) -> Any:
    """See `gradient_rows.GradientRows`."""
    return variable.value.detach().index_select(0, rows)


def write(variable: keras.Variable, rows: Any, values: Any) -> None:
    """See `gradient_rows.GradientRows`."""
    variable.value.detach().index_copy_(0, rows, values.to(variable.value.dtype))
