"""The calls in a user's code that make, or set up, objects such as optimizers and layers."""

import contextlib
import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from embbench.engines.user_file import CallPlace, call_in

Places = dict[int, CallPlace]  # by the `id` of an object


@contextlib.contextmanager
def seeing_places(folder: Path, methods: Iterable[tuple[type, str]]) -> Iterator[Places]:
    """The places of all calls of methods while it is entered, by the object of the method. folder: of the user's code.
    methods: (class, name), such as (nn.Embedding, "__init__").
    """
    places: Places = {}
    own = [(kind, name, vars(kind).get(name)) for kind, name in methods]
    for kind, name, _ in own:
        setattr(kind, name, _seeing(getattr(kind, name), places, folder))
    try:
        yield places
    finally:
        for kind, name, original in own:
            if original is None:  # a base class has it
                delattr(kind, name)
            else:
                setattr(kind, name, original)


def _seeing(original: Any, places: Places, folder: Path) -> Any:
    def called(self: Any, *args: Any, **kwargs: Any) -> None:
        if (place := call_in(folder)) is not None:
            places[id(self)] = place
        return original(self, *args, **kwargs)

    called.__signature__ = inspect.signature(original)  # Keras reads the parameters of its layers
    return called
