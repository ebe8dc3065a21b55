"""Audits (table, update, optimizer, dtype, ...) of the contenders of a framework in one process. Run as a program.

Jobs come as JSON on stdin; results are JSON lines on stdout. The process loads its framework once. Loading frameworks
into the test process was rejected: two frameworks in one process can crash each other.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from embbench.cases.capabilities import Divisible, Inspectable, Profiled, TableAlone, offers
from embbench.cases.case import Case, has_axis, make_case
from embbench.cases.contender import Module, Trial, Unsupported
from embbench.cases.streams import Tokens
from embbench.cases.workload import row_gradient
from embbench.cases.workload_parts import WORKLOAD_PARTS
from embbench.contenders import Contender, load, load_for, read
from embbench.worker.audit import Findings, audit_small
from embbench.worker.claims import check_claims
from embbench.worker.clock import host_clock
from embbench.worker.table_audit import hold_operations, hold_to_oracle
from embbench.worker.table_passes import TablePasses
from embbench.worker.timed_audit import TimedAudit
from embbench.workloads import ClaimedWorkload, draw_batches, draw_tokens, is_claimed, workload_of
from tests.contenders.covering import starts_in
from tests.contenders.from_inside import LOOKED, at_start, going_on, looked_at_and_not, watched_rows

TIMED = {"vocab": 30_000, "dim": 24, "hidden": 20, "batch": 8, "seq": 12, "threads": 1}
STEPS = 4
ROOT = Path(__file__).parents[2]
CHEAP = 20  # seconds of a start up to which a trial is built two more times


def main() -> None:
    """Does the jobs from stdin. Writes a line before and a line after each job."""
    loaded: dict[str, tuple[Contender, Module]] = {}
    for number, job in enumerate(json.load(sys.stdin)):
        if job["path"] not in loaded:
            contender = read(Path(job["path"]))
            loaded[job["path"]] = contender, load(contender)
        tell({"job": number, "loaded": True})
        begun = time.perf_counter()
        told = look_at(*loaded[job["path"]], job["axes"], job["deep"])
        tell({"job": number, **told, "seconds": time.perf_counter() - begun, "files": own_files()})


def tell(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


def own_files() -> list[str]:
    """The project's files that this process has loaded: the audits depend on them."""
    paths = [Path(module.__file__) for module in [*sys.modules.values()] if getattr(module, "__file__", None)]
    return sorted({str(path.relative_to(ROOT)) for path in paths if path.is_relative_to(ROOT / "embbench")
                   or path.is_relative_to(ROOT / "tests")})  # fmt: skip


def look_at(contender: Contender, module: Module, axes: dict[str, str], deep: bool) -> dict[str, Any]:
    """The audit of a case. deep: also check the parts, the profile, and that inspecting changes nothing."""
    plain = make_case(axes)
    sizes = {name: value for name, value in TIMED.items() if has_axis(plain, name)}
    case = make_case({**sizes, **axes, "contender": contender.name})
    try:
        if is_claimed(workload := workload_of(case)):
            return {"axes": axes, **hold_to_claims(contender, workload, case)}
        told = audit(contender, module, case, profile=deep)
    except Unsupported as error:
        return {"axes": axes, "unsupported": str(error)}
    looks = deep and "inside" in told and starts_in(contender, axes) <= CHEAP
    if looks or told["divisible"]:  # for both the same two trials, because compilers take seconds for each
        tokens = draw_tokens(case, 64)
        one, other = (module.prepare(case, tokens) for _ in range(2))
        if looks:
            told["looked at"] = looked_at_and_not(one, other, tokens)
        if told["divisible"]:
            told["parts"] = parts_against_step(one, other, tokens, LOOKED if looks else 0)
    return {"axes": axes, **told}


def hold_to_claims(contender: Contender, workload: ClaimedWorkload, case: Case) -> dict[str, Any]:
    """The claims after some steps. Raises Unsupported where the framework cannot do the case."""
    tokens = draw_batches(case, 64)
    trial = load_for(case, contender).prepare(case, tokens)
    finish = workload.start_claims(case, tokens, trial)
    for _ in range(STEPS):
        trial.step()
        trial.sync()
    findings = Findings(contender.declaration.semantic(case), case.dtype)
    claims = check_claims(finish, STEPS, findings).claims
    return {"ran": trial.describe(), **msgspec.to_builtins(findings.verdict()), "claims": msgspec.to_builtins(claims)}


def audit(contender: Contender, module: Module, case: Case, profile: bool) -> dict[str, Any]:
    """The result of an audit. Raises Unsupported where this machine cannot do the case."""
    findings = Findings(contender.declaration.semantic(case), case.dtype)
    audit_small(contender, module.prepare, case, findings)
    tokens = draw_tokens(case, 64)
    trial = module.prepare(case, tokens)
    shown = None
    if offers(trial, Inspectable):
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
    if profile and offers(trial, Profiled):
        told["profile"] = trial.profile(2)
    if offers(trial, TableAlone) and (programs := trial.table_alone()) is not None:
        found, flow = Findings(findings.semantic, case.dtype), row_gradient(case)
        whole = TablePasses(programs, trial, tokens.ids, flow, host_clock)
        hold_to_oracle(contender, case, trial, whole, found)
        if programs.one_token is not None:
            one = TablePasses(programs.one_token, trial, tokens.ids[:, :1, :1], flow[:1, :1], host_clock)
            hold_to_oracle(contender, case, trial, one, found)
        hold_operations(case, whole, found)
        told["table alone"] = msgspec.to_builtins(found.verdict())
    return told | {"divisible": profile and offers(trial, Divisible) and bool(trial.parts())}


def parts_against_step(whole: Trial, apart: Trial, tokens: Tokens, made: int) -> dict[str, Any]:
    """How the parts, run one after the other, differ from a step, and the names of the parts within parts. whole,
    apart: equal trials after `made` steps.
    """
    for trial in (whole, apart):
        trial.step()  # a round asks for the parts after its steps; before, an optimizer may have no state
    assert offers(apart, Divisible)
    parts = apart.parts()
    whole.step()
    for name in ("gradients" if "gradients" in parts else "network", "update_table", "update_rest", "update"):
        if name in parts:
            parts[name]()
    rows = np.unique(tokens.ids[: made + 3])
    moved = rows_apart(whole, apart, rows)
    for trial in (whole, apart):
        trial.step()
        trial.sync()
    told = {"rows": moved, "loss": abs(whole.loss() / apart.loss() - 1)}
    before = apart.read_rows(rows)
    within = [name for name, part in WORKLOAD_PARTS.items() if part.within and name in parts]
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


if __name__ == "__main__":
    main()
