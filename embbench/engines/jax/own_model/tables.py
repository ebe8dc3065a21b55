"""The embedding tables of a user's own JAX program, and what a step does with each of them."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from embbench.cases.found_model import FoundModel
from embbench.cases.found_table import FoundTable, Use
from embbench.engines.jax.device import rows_of as copied_rows
from embbench.engines.jax.own_model.program import JaxProgram, Keys, Leaves
from embbench.engines.jax.traced import Interpreter
from embbench.engines.own_because import because
from embbench.engines.own_rows import MORE, WATCHED, RowMoves, RowsSeen, all_of, classify, rows_of
from embbench.engines.own_seen import SeenStep
from embbench.engines.user_file import is_users


def look_at(built: Any, name: str, folder: Path) -> FoundModel:
    """See `engines.own_models`."""
    program = JaxProgram(built, name)
    steps: list[SeenStep] = []
    while len(steps) < WATCHED or (len(steps) < MORE and _alike(steps)):
        steps.append(_watched(program, folder, len(steps)))
    leaves = program.leaves()
    paths = [path for path in leaves if any(each.lookups[path] for each in steps)]
    rows = {path: rows_of([each.ids(path) for each in steps], len(leaves[path][1])) for path in paths}
    before = {path: _look(leaves, path, paths, all_of(rows[path])) for path in paths}
    last = _watched(program, folder, len(steps) - 1)
    leaves = program.leaves()
    tables = []
    for path in paths:
        moved = classify(rows[path].after(last.ids(path)), before[path], _look(leaves, path, paths, before[path].ids))
        tables.append(_found(leaves, path, paths, [*steps, last], moved))
    alike = len(program.batches) == 1 or all(
        np.array_equal(each.ids(path), last.ids(path)) for each in steps for path in paths
    )
    return FoundModel(
        framework="jax",
        tables=tuple(sorted(tables, key=lambda each: -each.size)),
        changes=(),
        parts={},
        batches=len(program.batches),
        addable=False,
        alike=alike and bool(paths),
        notes=(),
    )


def _watched(program: JaxProgram, folder: Path, batch: int) -> SeenStep:
    """What a step on a batch looks up. The step runs twice: carried out operation by operation, and as it is."""
    seen = SeenStep(folder)

    def show(operation: Any, given: Sequence[Any], names: Sequence[str]) -> None:
        name, path = operation.primitive.name, next(filter(None, names))
        if name == "gather" and names[0] == path:
            seen.looked_up(path, name, np.asarray(given[1]).reshape(-1), _place(operation, folder))
        elif name == "dot_general":
            seen.uses[path].append(Use(kind="output layer", operation=name, where=_place(operation, folder)))

    values = program.batches[batch % len(program.batches)]
    traced = jax.make_jaxpr(program.step_of)(program.state, values)
    arrays = {path: jax.numpy.asarray(leaf) for path, (_, leaf) in program.leaves().items()}
    names = [path if array.ndim == 2 else "" for path, array in arrays.items()]
    given = [*arrays.values(), *jax.tree.leaves(values)]
    Interpreter(show).run(traced.jaxpr, traced.consts, given, [*names, *[""] * (len(given) - len(names))])
    program.step_on(batch)
    return seen


def _place(operation: Any, folder: Path) -> str:
    """'file.py:30' of the line in the user's folder that made an operation; '' without."""
    frames = getattr(operation.source_info.traceback, "frames", ())
    place = next((each for each in frames if is_users(each.file_name, folder)), None)
    return "" if place is None else f"{Path(place.file_name).name}:{place.line_num}"


def _alike(steps: list[SeenStep]) -> bool:
    """Whether a table has no rows that earlier steps looked up and the last step did not."""
    first, last = steps[0], steps[-1]
    return any(np.isin(first.ids(path), last.ids(path)).all() for path in list(last.lookups) if last.lookups[path])


def _states(leaves: Leaves, path: str, tables: Sequence[str]) -> Leaves:
    """The arrays that have a value or a row of values for each row of a table, and whose keys end like those of this
    table, and of no other table more so: optimizers keep state in trees like that of the parameters.
    """
    keys, array = leaves[path]
    found: Leaves = {}
    for other, (others, each) in leaves.items():
        alike = {table: _common(others, leaves[table][0]) for table in tables}
        of_rows = each.ndim in (1, 2) and len(each) == len(array)
        if of_rows and others[0] != keys[0] and alike[path] and alike[path] == max(alike.values()):
            found[other] = (others, each)
    return found


def _common(one: Keys, other: Keys) -> int:
    """The number of equal keys at the ends."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _look(leaves: Leaves, path: str, tables: Sequence[str], ids: np.ndarray) -> RowsSeen:
    """A copy of rows. ids: sorted. The gradient stays inside the step."""
    states = {name: _rows(each, ids) for name, (_, each) in _states(leaves, path, tables).items()}
    return RowsSeen(ids, _rows(leaves[path][1], ids), states)


def _rows(array: Any, ids: np.ndarray) -> np.ndarray:
    return copied_rows(array if array.ndim == 2 else array[:, None], ids)


def _found(leaves: Leaves, path: str, tables: Sequence[str], steps: list[SeenStep], moved: RowMoves) -> FoundTable:
    array, calls = leaves[path][1], [each for step in steps for each in step.lookups[path]]
    lookup = calls[0].operation, calls[0].where
    uses = tuple(dict.fromkeys(use for step in steps for use in step.uses[path]))
    sparse = False if moved.moves != "none" else None
    moved = moved._replace(semantic="frozen") if moved.moves == "none" else moved
    return FoundTable(
        name=path,
        rows=array.shape[0],
        columns=array.shape[1],
        size=array.nbytes,
        dtype=str(array.dtype),
        operation=lookup[0],
        where=lookup[1],
        lookups=sum(each.count for each in calls) / len(steps),
        unique=sum(len(step.ids(path)) for step in steps) / len(steps),
        trains=moved.moves != "none",
        sparse_gradient=sparse,
        padding=None,
        optimizer="",
        states={name: tuple(each.shape) for name, (_, each) in _states(leaves, path, tables).items()},
        uses=uses,
        moves=moved.moves,
        semantic=moved.semantic,
        because=because(moved, uses, sparse, lookup, ""),
    )
