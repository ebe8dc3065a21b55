"""A user's own model: its function executed in a worker, and the engine for what the function returns."""

import importlib
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np

from embbench.cases.case import Case
from embbench.cases.contender import Trial, Unsupported
from embbench.cases.found_model import FoundModel
from embbench.engines.model_file import VOCAB, ModelFile
from embbench.engines.user_file import execute
from embbench.errors import UsageError

# Framework -> the class of its models. Keras comes first, because its models on PyTorch are PyTorch's too.
MODELS = {"keras": "Model", "torch": "nn.Module"}
STEPS = "jax"  # the framework of a function that returns a state and its step instead of a model
SEED = 0  # of the random numbers that the user's function draws, where it sets no seed itself
SMALL = 20_000  # rows of a model that is only looked at, where the user's function takes a size


class Builder:
    """A user's function, from an executed file. Errors of the user's code are not caught. path: of the file."""

    def __init__(self, file: ModelFile) -> None:
        self.name, self.sized, self.path = file.function, file.sized, Path(file.path)
        self._frameworks = [each for each in file.frameworks if each in (*MODELS, STEPS)]
        self._function: Callable[..., Any] = getattr(execute(Path(file.path)), file.function)

    @property
    def folder(self) -> Path:
        return self.path.parent

    def __call__(self, vocab: int | None) -> Any:
        """What the function returns, the same in every call. vocab: rows; None for the function's default."""
        set_seeds(SEED)
        if "keras" in sys.modules:
            sys.modules["keras"].backend.clear_session()  # else names of layers count on from the model before
        return self._function() if vocab is None or not self.sized else self._function(**{VOCAB: vocab})

    def small(self, most: int | None) -> Any:
        """What the function returns for at most SMALL rows; `most` rows where that is fewer."""
        return self(SMALL if most is None else min(most, SMALL)) if self.sized else self(None)

    def framework(self) -> str:
        """The framework of the model. Raises UsageError for anything else than a model."""
        if len(self._frameworks) == 1:
            return self._frameworks[0]
        return framework_of(self.small(None), self.name)


def set_seeds(seed: int) -> None:
    """Sets the seed of all random numbers that a user's code may draw without a generator of its own."""
    random.seed(seed)
    np.random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(seed)


class Engine(Protocol):
    """The contents of `engines/NAME/own_model/trial.py`."""

    def look_at(self, builder: Builder, vocab: int | None) -> FoundModel: ...

    def prepare(self, case: Case, builder: Builder) -> Trial: ...


def engine_of(builder: Builder) -> Engine:
    """The engine of the user's model. Raises as `Builder.framework`."""
    return cast(Engine, importlib.import_module(f"embbench.engines.{builder.framework()}.own_model.trial"))


def framework_of(built: Any, name: str) -> str:
    """The framework of what the user's function `name` returned. Raises UsageError for anything else than a model."""
    model = built[0] if isinstance(built, tuple | list) and built else built
    for framework, kind in MODELS.items():
        found: Any = sys.modules.get(framework)
        for part in kind.split("."):
            found = getattr(found, part, None)
        if found is not None and isinstance(model, found):
            return framework
    if STEPS in sys.modules and isinstance(built, tuple | list) and len(built) == 3 and callable(built[1]):
        return STEPS
    raise UsageError(f"{name} returned {type(model).__name__} first; return a torch.nn.Module or a keras.Model first")


class OwnModule:
    """The module of a user's own model, as a contender's: see `cases.contender.Module`."""

    def __init__(self, file: ModelFile) -> None:
        self.DECLARES: dict[str, Any] = {}
        self._builder = Builder(file)

    def prepare(self, case: Case, tokens: Any) -> Trial:
        """Raises Unsupported for tables that are to grow where the user's function sets the number of rows."""
        if self._builder.sized and case.grown > 1:
            raise Unsupported(f"{self._builder.name} takes the number of rows itself: leave --grown out")
        return engine_of(self._builder).prepare(case, self._builder)
