"""A contender's declaration of a case, as a Round carries it: the contender file may change later."""

from typing import Annotated

import msgspec

from embbench.cases.case import Case
from embbench.cases.contender import Declaration
from embbench.cases.runtimes import runtime_named
from embbench.cases.update_path import Arrays, Path

# Optimizer -> its class, of the same name in several frameworks.
CLASS_NAMES = {"sgd": "SGD", "momentum": "SGD", "adagrad": "Adagrad", "adam": "Adam", "adamw": "AdamW"}


class Declared(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """semantic, copies, alone, gathered, lookups, passes, epsilon, sent_tables, sent_lookups, sent_rows, sent_routed:
    see `cases.update_path.Path`. itemsize: bytes of a stored number of the table; None in older lines, for the dtype of
    the case. change: the code that a user changes for this path; '' for none. packages: packages that the contender
    needs. spread: of the table over ranks, see `cases.update_path.Spread`; '' for a contender of one process.
    in_one_memory: see `Declaration`.
    """

    semantic: str
    copies: Arrays = 1.0
    lookups: Arrays = 0.0
    passes: Arrays = 0.0
    epsilon: str = ""
    itemsize: Annotated[int, msgspec.Meta(ge=1, le=64)] | None = None
    change: str = ""
    packages: tuple[str, ...] = ()
    spread: str = ""
    alone: Arrays | None = None
    gathered: Arrays = 0.0
    sent_tables: Arrays = 0.0
    sent_lookups: Arrays = 0.0
    sent_rows: Arrays = 0.0
    sent_routed: Arrays = 0.0
    in_one_memory: bool = False


def declare(declaration: Declaration, case: Case) -> Declared | None:
    """The declaration of a case; None where the contender cannot do the case."""
    path = declaration.path(case)
    if not isinstance(path, Path):
        return None
    return Declared(
        semantic=declaration.semantic(case),
        copies=path.copies,
        alone=path.alone,
        lookups=path.lookups,
        passes=path.passes,
        itemsize=path.itemsize(case),
        epsilon=path.epsilon or declaration.place_of_epsilon(case.optimizer),
        change=_change(declaration, case),
        packages=declaration.packages,
        spread=declaration.spread_of(case),
        gathered=path.gathered,
        sent_tables=path.sent_tables,
        sent_lookups=path.sent_lookups,
        sent_rows=path.sent_rows,
        sent_routed=path.sent_routed,
        in_one_memory=declaration.in_one_memory(case),
    )


def _change(declaration: Declaration, case: Case) -> str:
    """The change for the path, with the class of the case's optimizer, and the change for the runtime."""
    path = declaration.changes.get(case.update if case.table == "trainable" else case.table, "")
    name = CLASS_NAMES.get(case.optimizer, case.optimizer)
    path = path.replace("{optimizer}", name).replace("{sparse_optimizer}", "SparseAdam" if name == "Adam" else name)
    return "; and ".join(filter(None, (path, runtime_named(case.runtime).change)))
