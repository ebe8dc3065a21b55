"""Checks of a declaration beyond the types of its values."""

import re
from collections.abc import Iterable

from embbench.cases.case import DEVICES, DTYPES, OPTIMIZERS, TABLES
from embbench.cases.contender import Declaration
from embbench.cases.update_path import Path
from embbench.errors import UsageError, unknown
from embbench.plain import one_line

_DISTRIBUTION = re.compile(
    "[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"
)  # the form of a name in the packaging specifications


def check_declaration(declaration: Declaration) -> Declaration:
    """Returns the declaration. Raises UsageError with the key of a wrong value."""
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
            raise UsageError(f"packages: {need!r} is no name of a distribution, nor several names separated by |")
    for name, value in declaration.environment.items():
        if not _is_variable(name, value):
            raise UsageError(f"environment: {name!r}: {value!r} cannot be a variable of an environment")
    return declaration


def _known(names: Iterable[str], valid: Iterable[str], key: str) -> None:
    valid = tuple(valid)
    for name in names:
        if name not in valid:
            raise UsageError(f"{key}: " + unknown("name", name, valid))


def _is_variable(name: str, value: str) -> bool:
    """Whether `os.environ` can hold the variable."""
    try:
        (name + value).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return name != "" and "=" not in name and "\0" not in name + value
