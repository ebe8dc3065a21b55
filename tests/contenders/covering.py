"""The audited (table, update, optimizer, dtype, ...) of a contender: all, or so few that every value occurs."""

from typing import Any

import pytest

from embbench.cases.case import OPTIMIZERS, TABLES, make_case
from embbench.cases.contender import Declaration
from embbench.cases.update_path import Path
from embbench.cases.workload_axes import AXES_OF, NETWORK_OF, TABLES_OF
from embbench.contenders import Contender, discover
from embbench.workloads import is_claimed, workloads

Axes = dict[str, str]
Values = frozenset[tuple[str, str]]  # (axis, value), and ("class", semantic class)
CONTENDERS = discover()


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
                        others += [{"workload": workload} for workload in networks(declaration)[1:]]
                    for more in [{}, *(others if dtype == "float32" else [])]:
                        if not isinstance(declaration.path(make_case({"update": update, **axes, **more})), str):
                            told[tuple({**axes, **more}.items())] = {**axes, **more}
    return list(told.values())


def networks(declaration: Declaration) -> list[str]:
    """The workloads that the oracle can repeat; each network once."""
    return [name for name in declaration.workloads if NETWORK_OF[name] == name and not is_claimed(workloads()[name])]


def claimed(declaration: Declaration) -> list[Axes]:
    """Axis values of cases whose workloads are held to claims: every value of the workloads' axes of text, once."""
    found = []
    for name in declaration.workloads:
        if is_claimed(workloads()[name]):
            axes = {"workload": name, "table": (TABLES_OF[name] or TABLES)[0]}
            here = declaration.choices.get(name, {})
            texts = {axis: here.get(axis, about.choices) for axis, about in AXES_OF[name].items() if about.choices}
            found += [{**axes, axis: value} for axis, values in texts.items() for value in values] or [axes]
    return found


def chosen(config: pytest.Config, contender: Contender) -> list[Axes]:
    """The audited cases on the device of --device: all with --all-pairs, else `covering` what no other contender of its
    engine covers.
    """
    device = config.getoption("device")
    if config.getoption("all_pairs"):
        return pairs(contender.declaration, device)
    return covering(contender.declaration, device, covered_by_others(contender, device))


def covered_by_others(contender: Contender, device: str = "cpu") -> Values:
    """Values that contenders of the same engine cover which start faster. A contender covers its classes itself, its
    default update, and updates that start faster than in other contenders.
    """
    alike = [each for each in CONTENDERS.values() if engine_of(each) == engine_of(contender)]
    known = {("update", name) for each in alike for name in _faster_updates(each, contender)}
    for each in sorted(alike, key=lambda each: (each.declaration.start, each.name)):
        if each.name == contender.name:
            break
        few = covering(each.declaration, device, frozenset(known))
        found = (value for axes in few for value in values(each.declaration, axes, set()))
        known |= {value for value in found if value[0] not in ("update", "class")}
    return frozenset(known)


def _faster_updates(one: Contender, other: Contender) -> list[str]:
    """Updates with Adam that start faster in `one` than in `other`, without the default update."""
    both = one.declaration.updates.keys() & other.declaration.updates.keys() - {"default"}
    return [
        name
        for name in sorted(both)
        if all(isinstance(each.declaration.path(make_case({"update": name})), Path) for each in (one, other))
        and starts_in(one, {"update": name}) < starts_in(other, {"update": name})
    ]


def engine_of(contender: Contender) -> str:
    """The engine of a built-in contender, by its name: Keras's backends are one engine."""
    return contender.name.partition("_")[0]


def covering(declaration: Declaration, device: str = "cpu", known: Values = frozenset()) -> list[Axes]:
    """Few cases that cover every value of every axis and every semantic class, without what is `known` to be covered.
    An update that has Adam is covered by Adam, because errors of an update show in Adam's two states and its epsilon.
    The choice is deterministic.
    """
    left = pairs(declaration, device)
    with_adam = {axes["update"] for axes in left if axes["optimizer"] == "adam" and "update" in axes}
    covered = [values(declaration, axes, with_adam) for axes in left]
    missing = set().union(*covered) - known
    chosen: list[Axes] = []
    while missing:
        best = max(range(len(left)), key=lambda at: len(covered[at] & missing))  # the first of several maxima
        chosen.append(left[best])
        missing -= covered[best]
    return chosen


def values(declaration: Declaration, axes: Axes, with_adam: set[str]) -> set[tuple[str, str]]:
    """What a case covers: (axis, value), and its semantic class. A frozen table covers no workload, because it has no
    gradient from the workload's network. with_adam: the updates that only Adam covers.
    """
    found = {*axes.items(), ("class", declaration.semantic(make_case(axes)))}
    if axes["table"] == "frozen":
        found = {(axis, value) for axis, value in found if axis != "workload"}
    if axes["optimizer"] != "adam":
        found = {(axis, value) for axis, value in found if axis != "update" or value not in with_adam}
    return found


def starts_in(contender: Contender, axes: Axes) -> float:
    """Seconds of a start, as declared by the contender."""
    path = contender.declaration.path(make_case(axes))
    assert not isinstance(path, str)
    return contender.declaration.start if path.start is None else path.start
