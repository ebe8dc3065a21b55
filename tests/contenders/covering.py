"""Which (table, update, optimizer, dtype, ...) of a contender are audited: all, or so few that each value occurs."""

from typing import Any

import pytest

from embbench.cases.case import OPTIMIZERS, make_case
from embbench.cases.contender import Declaration
from embbench.contenders import Contender

Axes = dict[str, str]


def pairs(declaration: Declaration) -> list[Axes]:
    """Axis values of everything that the declaration does not call unsupported."""
    told: dict[tuple[Any, ...], Axes] = {}
    for table in declaration.tables:
        for update in declaration.updates:
            for optimizer in OPTIMIZERS:
                for dtype in declaration.dtypes:
                    axes = {"table": table, "optimizer": optimizer, "dtype": dtype}
                    axes |= {} if table == "frozen" else {"update": update}
                    others = [{"ids": ids} for ids in declaration.ids[1:]]
                    if optimizer in ("sgd", "adam"):  # the network's gradients do not know which one it is
                        others += [{"workload": workload} for workload in declaration.workloads[1:]]
                    for more in [{}, *(others if dtype == "float32" else [])]:
                        if not isinstance(declaration.path(make_case({"update": update, **axes, **more})), str):
                            told[tuple({**axes, **more}.items())] = {**axes, **more}
    return list(told.values())


def chosen(config: pytest.Config, contender: Contender) -> list[Axes]:
    """Those that the tests audit: all with --all-pairs, else those that cover every value."""
    return (pairs if config.getoption("all_pairs") else covering)(contender.declaration)


def covering(declaration: Declaration) -> list[Axes]:
    """So few of the pairs that every value of every axis occurs, every semantic class, and every update with Adam,
    whose two states and epsilon are where an update goes wrong; the same ones each time.
    """
    left = pairs(declaration)
    missing = set().union(*(values(declaration, axes) for axes in left))
    chosen: list[Axes] = []
    while missing:
        best = max(left, key=lambda axes: len(values(declaration, axes) & missing))  # the first of the best
        chosen.append(best)
        missing -= values(declaration, best)
    return chosen


def values(declaration: Declaration, axes: Axes) -> set[tuple[str, str]]:
    """What a pair covers: (axis, value), its semantic class, and its update where that is Adam's."""
    found = {*axes.items(), ("class", declaration.semantic(make_case(axes)))}
    return found | {("with adam", axes["update"])} if axes["optimizer"] == "adam" and "update" in axes else found


def starts_in(contender: Contender, axes: Axes) -> float:
    """Seconds, by the contender's own word."""
    path = contender.declaration.path(make_case(axes))
    assert not isinstance(path, str)
    return contender.declaration.start if path.start is None else path.start
