"""What a declaration may not say, although its values are of the right types."""

import re
from collections.abc import Iterable

from embbench.errors import UsageError, unknown
from embbench.plain import one_line
from embbench.spec.case import DEVICES, DTYPES, OPTIMIZERS, TABLES
from embbench.spec.contender import Declaration, Path

_DISTRIBUTION = re.compile("[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")  # as the packaging specifications have a name


def check_declaration(declaration: Declaration) -> Declaration:
    """The declaration itself. Raises UsageError naming the key that says what cannot be."""
    for key, valid in (("devices", DEVICES), ("dtypes", DTYPES), ("tables", TABLES)):
        _known(getattr(declaration, key), valid, key)
    _known(declaration.precisions, declaration.updates, "precisions")
    _known(declaration.changes, (*declaration.updates, *TABLES), "changes")
    _known(declaration.epsilon, OPTIMIZERS, "epsilon")
    for update, optimizers in declaration.updates.items():
        if isinstance(optimizers, dict):
            _known(optimizers, OPTIMIZERS, f"updates: {one_line(update)}")
            for optimizer, path in optimizers.items():
                if isinstance(path, Path):
                    _known(path.devices, DEVICES, f"updates: {one_line(update)}: {optimizer}: devices")
    for need in declaration.packages:
        if not all(map(_DISTRIBUTION.fullmatch, need.split("|"))):
            raise UsageError(f"packages: {need!r} is no name of a distribution, nor several with | between them")
    for name, value in declaration.environment.items():
        if not _is_variable(name, value):
            raise UsageError(f"environment: {name!r}: {value!r} is nothing that an environment can hold")
    return declaration


def _known(names: Iterable[str], valid: Iterable[str], key: str) -> None:
    valid = tuple(valid)
    for name in names:
        if name not in valid:
            raise UsageError(f"{key}: " + unknown("name", name, valid))


def _is_variable(name: str, value: str) -> bool:
    """As `os.environ` takes it."""
    try:
        (name + value).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return name != "" and "=" not in name and "\0" not in name + value
