"""Keras 3 on PyTorch: its own layers, optimizers and train function, called as `fit` calls it."""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.keras.torch_backend import set_up
from embbench.engines.keras.torch_trial import KerasTorchTrial
from embbench.engines.torch.device import forget_compiled, warm_up_compiler

DECLARES = {
    "summary": "Keras 3 on PyTorch: own layers, optimizers and train function, as fit runs them",
    "packages": ["torch", "keras"],
    "environment": {"KERAS_BACKEND": "torch"},
    "devices": ["cpu", "cuda"],
    "tables": ["frozen", "trainable", "hybrid", "onehot"],
    "base": 5.2e8,
    "start": 8.0,
    "engine_workloads": "keras",
    "engine": "keras/torch",
    "updates": ["default", "jit"],
}


def prepare(case: Case, tokens: Tokens) -> KerasTorchTrial:
    set_up(case)
    if case.update == "jit":
        warm_up_compiler(case.device)
        forget_compiled()
    return KerasTorchTrial(case, tokens)
