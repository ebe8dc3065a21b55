"""Audits every (table, update, optimizer, dtype) of one contender, in one process; run as a program, as JSON lines.

A framework is loaded once and not into the test process: two frameworks in one process can crash each other.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from embbench.contenders import Contender, load, read
from embbench.spec.capabilities import WITHIN, Divisible, Inspectable, Profiled, TableAlone
from embbench.spec.case import OPTIMIZERS, Case, make_case
from embbench.spec.contender import Module, Trial, Unsupported
from embbench.spec.workload import row_gradient
from embbench.worker.audit import Findings, audit_small
from embbench.worker.clock import host_clock
from embbench.worker.table_audit import hold_operations, hold_to_oracle
from embbench.worker.table_passes import TablePasses
from embbench.worker.timed_audit import TimedAudit
from embbench.workloads import draw_tokens
from tests.contenders.from_inside import at_start, going_on, looked_at_and_not, watched_rows

TIMED = {"vocab": 30_000, "dim": 24, "hidden": 20, "batch": 8, "seq": 12, "threads": 1}
STEPS = 4
CHEAP = 20  # seconds of a start up to which a trial is built twice more


def audit_all(path: Path | str, temporary: Path) -> list[dict[str, Any]]:
    """The audits of each pair. temporary: for the process's files, such as compiled kernels."""
    command = [sys.executable, "-m", "tests.contenders.audit_all", str(path)]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def main(path: str) -> None:
    contender = read(Path(path))
    module = load(contender)
    last = {(axes["table"], axes.get("update")): axes for axes in pairs(contender.declaration)}  # one of each path
    for axes in pairs(contender.declaration):
        case = make_case({**TIMED, **axes, "contender": contender.name})
        try:
            told = audit(contender, module, case, profile=axes in last.values())
        except Unsupported as error:
            told = {"unsupported": str(error)}
        else:
            if axes in last.values():
                told["parts"] = parts_against_step(module, case)
                if "inside" in told and starts_in(contender, case) <= CHEAP:
                    told["looked at"] = looked_at_and_not(module, case)
        print(json.dumps({"axes": axes, **told}))


def audit(contender: Contender, module: Module, case: Case, profile: bool) -> dict[str, Any]:
    """Raises Unsupported where this machine cannot do the case."""
    findings = Findings(contender.declaration.semantic(case), case.dtype)
    audit_small(contender, module.prepare, case, findings)
    tokens = draw_tokens(case, 64)
    trial = module.prepare(case, tokens)
    shown = None
    if isinstance(trial, Inspectable):
        rows = watched_rows(case, tokens, 0)
        shown = at_start(contender, case, trial.inspect(rows), rows)
    timed = TimedAudit(contender, case, tokens, trial)
    for step in range(STEPS):
        trial.step()
        trial.sync()
        if step == 0:
            timed.saw_first_step()
    made = timed.check_end(STEPS, findings)
    told = {"ran": trial.describe(), **msgspec.to_builtins(findings.verdict())}
    if shown is not None:
        told |= {"made": made, "at start": shown, "inside": going_on(contender, case, tokens, trial, made)}
    if profile and isinstance(trial, Profiled):
        told["profile"] = trial.profile(2)
    if isinstance(trial, TableAlone) and (programs := trial.table_alone()) is not None:
        found, flow = Findings(findings.semantic, case.dtype), row_gradient(case)
        whole = TablePasses(programs, trial, tokens.ids, flow, host_clock)
        hold_to_oracle(contender, case, trial, whole, found)
        if programs.one_token is not None:
            one = TablePasses(programs.one_token, trial, tokens.ids[:, :1, :1], flow[:1, :1], host_clock)
            hold_to_oracle(contender, case, trial, one, found)
        hold_operations(case, whole, found)
        told["table alone"] = msgspec.to_builtins(found.verdict())
    return told


def starts_in(contender: Contender, case: Case) -> float:
    """Seconds, by the contender's own word."""
    path = contender.declaration.path(case)
    assert not isinstance(path, str)
    return contender.declaration.start if path.start is None else path.start


def parts_against_step(module: Module, case: Case) -> dict[str, Any] | None:
    """What its parts, one after the other, leave otherwise than a step does, and what is timed within them; None where
    it has no parts.
    """
    tokens = draw_tokens(case, 64)
    whole, apart = (module.prepare(case, tokens) for _ in range(2))
    for trial in (whole, apart):
        trial.step()  # a round asks for the parts behind its steps; an optimizer may have no state before
    parts = apart.parts() if isinstance(apart, Divisible) else {}
    if not parts:
        return None
    whole.step()
    for name in ("gradients" if "gradients" in parts else "network", "update_table", "update_rest", "update"):
        if name in parts:
            parts[name]()
    rows = np.unique(tokens.ids[:3])
    moved = rows_apart(whole, apart, rows)
    for trial in (whole, apart):
        trial.step()
        trial.sync()
    told = {"rows": moved, "loss": abs(whole.loss() / apart.loss() - 1)}
    before = apart.read_rows(rows)
    within = [name for name in WITHIN if name in parts]
    for name in ("lookup", "network", *within):
        parts[name]()
    apart.sync()
    return told | {"within": within, "rows by looking": float(np.abs(apart.read_rows(rows) - before).max())}


def rows_apart(one: Trial, other: Trial, rows: np.ndarray) -> float:
    """The largest difference of rows, as a share of the largest entry."""
    for trial in (one, other):
        trial.sync()
    values = one.read_rows(rows)
    return float(np.abs(values - other.read_rows(rows)).max() / np.abs(values).max())


def pairs(declaration) -> list[dict[str, str]]:
    """Axis values of everything that the declaration does not call unsupported."""
    told: dict[tuple[str, ...], dict[str, str]] = {}
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


if __name__ == "__main__":
    main(sys.argv[1])
