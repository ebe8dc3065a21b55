"""Compares what a trial shows of its state with the oracle: steps continue from it, and inspecting changes nothing."""

import copy
from typing import Any

import msgspec
import numpy as np

from embbench.cases.capabilities import Inside, Inspectable
from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.cases.workload import hybrid_shape
from embbench.contenders import Contender
from embbench.oracle.intervals import Interval
from embbench.oracle.step import Oracle
from embbench.worker.audit import SHARE, Findings
from embbench.workloads import network_of

CONSECUTIVE = 3
LOOKED = 4  # steps of the two trials of which one is inspected


def watched_rows(case: Case, tokens: Tokens, made: int) -> np.ndarray:
    """Ids of the batches after the steps made, the table's first and last id, and two ids that no batch has."""
    idle = np.setdiff1d(np.arange(case.vocab), tokens.ids)[-2:]
    return np.unique(np.concatenate([tokens.ids[made : made + CONSECUTIVE].ravel(), [0, case.vocab - 1], idle]))


def going_on(contender: Contender, case: Case, tokens: Tokens, trial: Inspectable, made: int) -> dict[str, Any]:
    """Compares the trial's next steps with an oracle that starts from the state that the trial shows. made: steps so
    far.
    """
    findings = Findings(contender.declaration.semantic(case), case.dtype)
    rows = watched_rows(case, tokens, made)
    inside = trial.inspect(rows)
    findings.fact(alike(inside, trial.inspect(rows)), "a second look shows something else")
    kept, start = copy.deepcopy(inside), trial.read_rows(rows).copy()
    oracle = resumed(contender, case, rows, start, inside)
    for step in range(made, made + CONSECUTIVE):
        trial.step()
        trial.sync()
        findings.loss(f"step {step + 1}", trial.loss(), oracle.step(tokens.ids[step], tokens.labels[step]))
        findings.rows(f"step {step + 1}", rows, trial.read_rows(rows), start, oracle)
    findings.fact(alike(inside, kept), "what was shown changed with the steps")
    then = trial.inspect(rows)
    for name, got, want in [*arrays_against(then.weights, oracle), *states_against(then.states, oracle)]:
        off, most = float(np.abs(got - want).max()), SHARE[case.dtype] * float(np.abs(want).max())
        findings.fact(off <= most, f"{name} is off by {off:.3g} after the steps, {most:.3g} is allowed")
    counts = [inside.steps, then.steps]
    return in_figures(contender, case, inside, rows) | {"counts": counts} | msgspec.to_builtins(findings.verdict())


def resumed(contender: Contender, case: Case, ids: np.ndarray, rows: np.ndarray, inside: Inside) -> Oracle:
    """An oracle that continues from the state that a trial shows. rows: (R, D) of the table."""
    oracle = Oracle(case, contender.declaration, ids, rows)
    oracle._dense = {name: array.astype(np.float64) for name, array in inside.weights.items()}
    first = np.unique(oracle._group, return_index=True)[1]  # rows of a hybrid table share their trained part
    for name, optimizer in {**oracle._optimizers, "table": oracle._table}.items():
        optimizer.step = inside.steps or 0
        kept = dict(inside.states.get(name, {}))
        if name == "table":
            oracle.resume_master(kept.pop("master", None))
        for state, value in kept.items():
            whole = np.broadcast_to(value[first], oracle._small.shape) if name == "table" else value
            optimizer.state[state] = whole.astype(np.float64)
    return oracle


def arrays_against(weights: dict[str, np.ndarray], oracle: Oracle) -> list[tuple[str, np.ndarray, np.ndarray]]:
    return [(name, array, oracle._dense[name]) for name, array in weights.items()]


def states_against(states: dict[str, Any], oracle: Oracle) -> list[tuple[str, np.ndarray, np.ndarray]]:
    found = []
    for name, each in states.items():
        for state, value in each.items():
            if state == "master":
                found.append((f"{state} of {name}", value, oracle.master.nearest(value)))
                continue
            want = (oracle._table if name == "table" else oracle._optimizers[name]).state[state]
            if name == "table":
                want = want[oracle._group][:, : value.shape[1]]
                want = want.nearest(value) if isinstance(want, Interval) else want
            found.append((f"{state} of {name}", value, want))
    return found


def in_figures(contender: Contender, case: Case, inside: Inside, rows: np.ndarray) -> dict[str, Any]:
    """Names, shapes and dtypes of the shown state, and their expected values."""
    weights = network_of(case).start(case, contender.declaration.lstm_biases)
    shapes = {name: list(array.shape) for name, array in weights.items()}
    columns = {"frozen": 0, "hybrid": hybrid_shape(case)[1]}.get(case.table, case.dim)
    columns = 1 if contender.declaration.semantic(case) == "rowwise" else columns
    of_table = {"table": [len(rows), columns]} if columns else {}
    arrays = [*inside.weights.values(), *(state for each in inside.states.values() for state in each.values())]
    return {
        "steps": inside.steps,
        "states": {name: sorted({*each} - {"master"}) for name, each in inside.states.items()},
        "weights": {name: list(array.shape) for name, array in inside.weights.items()},
        "shapes": {
            name: [list(state.shape) for told, state in each.items() if told != "master"]
            for name, each in inside.states.items()
        },
        "weights wanted": shapes,
        "shapes wanted": shapes | of_table,
        "dtypes": sorted({array.dtype.name for array in arrays}),
    }


def at_start(contender: Contender, case: Case, inside: Inside, rows: np.ndarray) -> dict[str, Any]:
    """The same before the first step, and whether weights are initial and states are zeros."""
    weights = network_of(case).start(case, contender.declaration.lstm_biases)
    states = [state for each in inside.states.values() for name, state in each.items() if name != "master"]
    return in_figures(contender, case, inside, rows) | {
        "initial": all(np.array_equal(inside.weights[name], weights[name].astype(case.dtype)) for name in weights),
        "zeros": not any(state.any() for state in states),
    }


def looked_at_and_not(one: Inspectable, other: Inspectable, tokens: Tokens) -> dict[str, bool]:
    """Name -> whether two new trials agree after LOOKED steps, of which `one` is inspected before its first step and
    between two later steps.
    """
    rows = np.unique(tokens.ids)
    losses = []
    for step in range(LOOKED):
        if step in (0, 2):
            one.inspect(rows)
        for trial in (one, other):
            trial.step()
            trial.sync()
        losses.append(one.loss() == other.loss())
    rows_alike = np.array_equal(one.read_rows(rows), other.read_rows(rows))
    told = {"losses": all(losses), "rows": rows_alike, "inside": alike(one.inspect(rows), other.inspect(rows))}
    ran, wanted = one.describe(), other.describe()  # they show a new compilation, and memory that is no longer reused
    return told | {name: ran[name] == wanted[name] for name in wanted if name != "threads"}


def alike(one: Inside, other: Inside) -> bool:
    """Whether both states are equal bit by bit."""
    pairs = [(one.weights, other.weights)]
    if one.steps != other.steps or one.states.keys() != other.states.keys():
        return False
    pairs += [(each, other.states[name]) for name, each in one.states.items()]
    return all(a.keys() == b.keys() and all(a[name].tobytes() == b[name].tobytes() for name in a) for a, b in pairs)
