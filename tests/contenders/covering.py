"""The audited (table, update, optimizer, dtype, ...) of a contender: all, or so few that every value occurs."""

from typing import Any

import pytest

from embbench.cases.case import OPTIMIZERS, make_case
from embbench.cases.contender import Declaration
from embbench.contenders import Contender

Axes = dict[str, str]


def pairs(declaration: Declaration, device: str = "cpu") -> list[Axes]:
    """Axis values of all cases that the declaration supports on the device."""
    told: dict[tuple[Any, ...], Axes] = {}
    for table in declaration.tables:
        for update in declaration.updates:
            for optimizer in OPTIMIZERS:
                for dtype in declaration.dtypes:
                    axes = {"table": table, "optimizer": optimizer, "dtype": dtype}
                    axes |= {} if table == "frozen" else {"update": update}
                    axes |= {} if device == "cpu" else {"device": device}
                    others = [{"ids": ids} for ids in declaration.ids[1:]]
                    if optimizer in ("sgd", "adam"):  # the network's gradients do not depend on the optimizer
                        others += [{"workload": workload} for workload in declaration.workloads[1:]]
                    for more in [{}, *(others if dtype == "float32" else [])]:
                        if not isinstance(declaration.path(make_case({"update": update, **axes, **more})), str):
                            told[tuple({**axes, **more}.items())] = {**axes, **more}
    return list(told.values())


def chosen(config: pytest.Config, contender: Contender) -> list[Axes]:
    """The audited cases on the device of --device: all with --all-pairs, else `covering`."""
    choose = pairs if config.getoption("all_pairs") else covering
    return choose(contender.declaration, config.getoption("device"))


def covering(declaration: Declaration, device: str = "cpu") -> list[Axes]:
    """Few cases that cover every value of every axis, every semantic class, and every update with Adam, because errors
    of an update show in Adam's two states and its epsilon. The choice is deterministic.
    """
    left = pairs(declaration, device)
    missing = set().union(*(values(declaration, axes) for axes in left))
    chosen: list[Axes] = []
    while missing:
        best = max(left, key=lambda axes: len(values(declaration, axes) & missing))  # the first of several maxima
        chosen.append(best)
        missing -= values(declaration, best)
    return chosen


def values(declaration: Declaration, axes: Axes) -> set[tuple[str, str]]:
    """What a case covers: (axis, value), its semantic class, and its update if the optimizer is Adam."""
    found = {*axes.items(), ("class", declaration.semantic(make_case(axes)))}
    return found | {("with adam", axes["update"])} if axes["optimizer"] == "adam" and "update" in axes else found


def starts_in(contender: Contender, axes: Axes) -> float:
    """Seconds of a start, as declared by the contender."""
    path = contender.declaration.path(make_case(axes))
    assert not isinstance(path, str)
    return contender.declaration.start if path.start is None else path.start
