"""Projection: Results onto rows and columns. Cases that share a cell are never averaged; notes name the residue."""

import itertools
from collections.abc import Callable, Container, Sequence
from typing import Any

import msgspec

from embbench.analysis.collapse.axes import (
    Value,
    axis_text,
    axis_value,
    check_commas,
    distinct,
    listed,
    parse_axes,
    parse_number,
    varying,
)
from embbench.analysis.collapse.collapse import Result
from embbench.cases.case import AXES, COUNT_AXES, NO_UPDATE, Case
from embbench.cases.metrics import LISTING, METRICS, for_devices
from embbench.cases.runtimes import SYSTEM
from embbench.cases.suite import View
from embbench.errors import UsageError, quoted, unknown

AxisValues = tuple[Value, ...]
ACROSS = "metric"  # in place of axes of the columns
WAY = ("contender", "table", "update")


class Projection(msgspec.Struct, frozen=True):
    """row, col: axes. metrics: a table per metric, or with `across` a column per metric of the only table. reference:
    axis -> value of the denominator of ratios.
    """

    row: tuple[str, ...]
    col: tuple[str, ...]
    metrics: tuple[str, ...]
    reference: dict[str, Value]
    across: bool = False


class ResultGrid(msgspec.Struct, frozen=True):
    """The values along rows and columns, in order, and the results at each crossing."""

    rows: tuple[AxisValues, ...]
    columns: tuple[AxisValues, ...]
    cells: dict[tuple[AxisValues, AxisValues], list[Result]]

    @property
    def results(self) -> list[Result]:
        """All results, row by row."""
        places = itertools.product(self.rows, self.columns)
        return [result for place in places for result in self.cells.get(place, ())]


def parse_view(view: View, source: Callable[[str], str] = "--{}".format) -> Projection:
    """source: field of the view -> its name for the user, for errors.

    Raises UsageError: an unknown axis or metric with the nearest valid name, or an axis in both directions.
    """
    across = view.col.strip() == ACROSS
    if not across and ACROSS in (name.strip() for name in view.col.split(",")):
        raise UsageError(f"{source('col')}: {ACROSS} makes a column per metric and cannot be combined with axes")
    row, col = parse_axes(view.row, source("row")), () if across else parse_axes(view.col, source("col"))
    both = [axis for axis in row if axis in col]
    if both:
        raise UsageError(f"{source('row')} and {source('col')}: {both[0]} is in both; remove it from one of them")
    metrics = tuple(dict.fromkeys(name.strip() for name in view.metric.split(",") if name.strip()))
    if not metrics:
        raise UsageError(f"{source('metric')}: name at least one of {', '.join(METRICS)}")
    for metric in metrics:
        if metric not in METRICS:
            raise UsageError(f"{source('metric')}: {unknown('metric', metric, METRICS, LISTING)}")
    reference = _reference(view.reference, source("reference"))
    return Projection(row, col, metrics, reference, across)


def check_reference(projection: Projection, results: Sequence[Result]) -> None:
    """Raises UsageError where the reference names an axis that is no row or column, or a value that no case has."""
    for axis, value in projection.reference.items():
        if axis not in projection.row + projection.col:
            raise UsageError(f"--reference: {axis} is in neither --row nor --col; add it there or leave it out")
        known = {axis_value(result, axis) for result in results}
        if value not in known:
            raise UsageError(
                "--reference: " + unknown(axis, axis_text(axis, value), (axis_text(axis, v) for v in known))
            )


def by_machine(projection: Projection, results: Sequence[Result]) -> Projection:
    """The projection with the machine in front of the rows, where results of several machines are shown: whoever reads
    two rows of one table compares them.
    """
    if "machine" in projection.row + projection.col or len(distinct(results, "machine")) < 2:
        return projection
    return msgspec.structs.replace(projection, row=("machine", *projection.row))


def adapted(projection: Projection, results: Sequence[Result], chosen: Container[str]) -> Projection:
    """The projection with the fields that the user did not choose (of `View`) fitted to the results.

    Rows get more axes, in front, so that no cell holds two cases. A reference on a hidden axis is dropped. Cases on a
    GPU show the peak of its memory instead of the host's.
    """
    if "metric" not in chosen:
        there = for_devices(projection.metrics, {result.case.device for result in results})
        projection = msgspec.structs.replace(projection, metrics=tuple(there))
    if "row" not in chosen and "col" not in chosen:
        projection = widened(projection, results)
    if "reference" not in chosen and not set(projection.reference) <= {*projection.row, *projection.col}:
        projection = msgspec.structs.replace(projection, reference={})
    return projection


def widened(projection: Projection, results: Sequence[Result]) -> Projection:
    """The projection with more row axes, in front, so that no cell holds two cases. If the reference names an axis of
    WAY, and runtimes differ within a cell, its runtime becomes the system's.
    """
    shared = [found for found in arrange(projection, results, ()).cells.values() if len(found) > 1]
    extra = [axis for axis in varying(results) if any(len(distinct(found, axis)) > 1 for found in shared)]
    reference = projection.reference
    if "runtime" in extra and {*reference} & {*WAY} and any(each.case.runtime == SYSTEM for each in results):
        reference = {**reference, "runtime": SYSTEM}
    return msgspec.structs.replace(projection, row=(*extra, *projection.row), reference=reference)


def arrange(projection: Projection, results: Sequence[Result], order: Sequence[Case]) -> ResultGrid:
    """Numbers ascend; texts keep the order of their first appearance in `order`, then in the results."""
    ranks = {axis: _ranks(axis, results, order) for axis in projection.row + projection.col}

    def sorter(axes: tuple[str, ...]) -> Callable[[AxisValues], Any]:
        return lambda values: tuple(ranks[axis][value] for axis, value in zip(axes, values, strict=True))

    cells: dict[tuple[AxisValues, AxisValues], list[Result]] = {}
    for result in results:
        cells.setdefault((_along(projection.row, result), _along(projection.col, result)), []).append(result)
    rows = sorted({row for row, _ in cells}, key=sorter(projection.row))
    columns = sorted({column for _, column in cells}, key=sorter(projection.col))
    return ResultGrid(tuple(rows), tuple(columns), cells)


def reference_of(projection: Projection, grid: ResultGrid, row: AxisValues, column: AxisValues) -> list[Result]:
    """The results in the denominator of a cell's ratio: the cell with the reference's values on its axes."""
    axes = projection.row + projection.col
    wanted = {**dict(zip(axes, row + column, strict=True)), **projection.reference}
    if wanted.get("table") == "frozen" and "update" in wanted:
        wanted["update"] = NO_UPDATE
    key = (tuple(wanted[axis] for axis in projection.row), tuple(wanted[axis] for axis in projection.col))
    return grid.cells.get(key, [])


def denominator(projection: Projection, grid: ResultGrid, row: AxisValues, column: AxisValues) -> Result | None:
    """The result in the denominator of a cell's ratio. None where the cell or its reference holds no result or several,
    or where both differ in a hidden axis.
    """
    results = grid.cells.get((row, column), [])
    if not projection.reference or len(results) != 1:
        return None
    against = reference_of(projection, grid, row, column)
    if len(against) != 1 or against[0] is results[0]:
        return None
    return against[0] if alike(results[0], against[0], tuple(projection.reference)) else None


def alike(one: Result, other: Result, except_axes: Sequence[str]) -> bool:
    """Whether two cases differ on `except_axes` only (and on the update, where `except_axes` has the table)."""
    free = {*except_axes, "machine", "software"} | ({"update"} if "table" in except_axes else set())
    return all(getattr(one.case, axis) == getattr(other.case, axis) for axis in AXES if axis not in free)


def residue(projection: Projection, results: Sequence[Result]) -> list[str]:
    """Notes on axes that vary but are neither in rows nor in columns: values, and the flags that separate them."""
    notes = []
    for axis in varying(results):
        if axis in projection.row + projection.col or axis in ("machine", "software"):
            continue
        values = [axis_text(axis, value) for value in in_order(axis, results)]
        rows = ",".join((axis, *projection.row))
        notes.append(
            f"{axis} differs between cases ({listed(values, most=6)}) and is in neither rows nor columns: "
            f"separate the values with --row {rows}, or keep one value with --filter {axis}={values[0]}"
        )
    return notes


def in_order(axis: str, results: Sequence[Result]) -> list[Value]:
    """The distinct values of an axis, numbers ascending."""
    values = distinct(results, axis)
    return sorted(values, key=lambda value: (str(type(value)), value)) if axis in COUNT_AXES else values


def _reference(text: str, source: str) -> dict[str, Value]:
    reference: dict[str, Value] = {}
    check_commas(text, source)
    for part in (piece.strip() for piece in text.split(",") if piece.strip()):
        axis, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or not value:
            raise UsageError(
                f"{source}: {quoted(part)} is not axis=value; write for example table=trainable,update=default"
            )
        if axis not in AXES:
            raise UsageError(f"{source}: {unknown('axis', axis, AXES)}")
        reference[axis] = parse_number(axis, value, source) if axis in COUNT_AXES else value
    return reference


def _along(axes: tuple[str, ...], result: Result) -> AxisValues:
    return tuple(axis_value(result, axis) for axis in axes)


def _ranks(axis: str, results: Sequence[Result], order: Sequence[Case]) -> dict[Value, Any]:
    if axis in COUNT_AXES:
        return {value: value for value in (axis_value(result, axis) for result in results)}
    first = [getattr(case, axis) for case in order] if axis in AXES else []
    values = dict.fromkeys([*first, *(axis_value(result, axis) for result in results)])
    return {value: rank for rank, value in enumerate(values)}
