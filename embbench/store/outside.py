"""Values from other processes and foreign files: their texts are cleaned here before anything shows them."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from embbench.errors import shortened
from embbench.plain import has_orders, one_line

T = TypeVar("T")

LONGEST = 1 << 13  # characters of a text from another process: more than any path has, but no megabytes


def admit(value: T, most: int | None = None) -> T:
    """The value with all texts made plain; the value itself if its texts are plain. Spaces and bytes that are not UTF-8
    stay, since a text may be the name of a file. most: longer texts are cut off after so many characters.
    """
    return _admitted(value, most)


def _admitted(value: Any, most: int | None) -> Any:
    if isinstance(value, str):
        told = one_line(value) if has_orders(value) else value
        return told if most is None else shortened(told, most)
    if isinstance(value, msgspec.Struct):
        told = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {name: new for name, old in told.items() if (new := _admitted(old, most)) is not old}
        return msgspec.structs.replace(value, **changed) if changed else value
    if isinstance(value, Mapping):
        pairs = [(_admitted(name, most), _admitted(each, most)) for name, each in value.items()]
        same = all(value.get(name, _admitted) is each for name, each in pairs)
        return value if same else dict(pairs)
    if isinstance(value, list | tuple) and value and not isinstance(value[0], float):  # samples have no text
        each = [_admitted(item, most) for item in value]
        return value if all(new is old for new, old in zip(each, value, strict=True)) else type(value)(each)
    return value
