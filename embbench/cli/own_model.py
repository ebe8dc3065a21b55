"""`embbench explain --model`."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from embbench.cli.flags import AXIS_FLAGS, Flags
from embbench.cli.output import say
from embbench.cli.show import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embbench.analysis.cost.own_model import OwnCost
    from embbench.cases.case import Case
    from embbench.cases.found_model import FoundModel
    from embbench.cases.suite import Suite
    from embbench.engines.model_file import ModelFile
    from embbench.launch.pythons import Pythons
    from embbench.store.round import Round

SETTABLE = ("vocab", "threads", "device")  # axes of a user's own model
WHOLE, LEAST = 165.0, 90.0  # seconds of the command, of which rounds get the rest, but at least so many seconds
SHRUNK = (8, 2, 1)  # divisors of the rows, for a function that takes their number
GROWN = (1, 2, 4)  # multiples, where rows are added
MORE = 4  # multiple of the rows of smaller tables
GROUPS = 3  # most groups of tables with equally many rows that grow, each by itself


def explain_model(
    reference: str,
    flags: Flags,
    within: float | None,
    out: str | None,
    wait: bool,
    format_name: str,
    output: Path | None,
    details: bool,
) -> int:
    """within: seconds of rounds. Raises UsageError for a model or a flag that cannot be used, ModelBroke where the
    user's code fails.
    """
    from embbench.analysis.cost.own_floor import own_floor
    from embbench.cases.axes import parse_axis
    from embbench.cases.case import Case
    from embbench.cli.known_ceilings import known_ceilings
    from embbench.cli.planning import canonical
    from embbench.contenders import discover
    from embbench.contenders._own_model import name_of
    from embbench.engines.model_file import read_model
    from embbench.errors import EXIT_INTERRUPTED, UsageError
    from embbench.launch.own_model import look_at_model
    from embbench.launch.pythons import ask_pythons
    from embbench.report.own_model import OwnModel
    from embbench.report.own_model_document import own_model_document
    from embbench.report.writers import check_format

    check_format(format_name, csv=False)
    for axis in AXIS_FLAGS:
        if flags[axis] and axis not in SETTABLE:
            raise UsageError(f"--{axis}: your own model sets it; --model goes with --vocab, --threads and --device")
    model = read_model(reference)
    asked = {axis: parse_axis(axis, flags[axis])[0] for axis in SETTABLE if flags[axis]}
    if "vocab" in asked and not model.sized:
        raise UsageError(f"--vocab: {model.function} has no parameter `vocab`; give it this parameter, or leave it out")
    contenders = discover([model.reference])
    pythons = ask_pythons(flags["python"], contenders)
    begin = time.monotonic()
    say("looking at the tables, and trying changes in small")
    device = asked.get("device", Case().device)
    threads = canonical("threads", asked.get("threads", 0))
    environment = pythons.of(contenders[name_of(model)])
    found = look_at_model(model, asked.get("vocab"), threads, device, environment)
    ceilings = known_ceilings(device, threads, wait, pythons.for_ceilings(device)) if found.tables else None
    within = within or max(LEAST, round(WHOLE - (time.monotonic() - begin)))
    told = {**flags, "within": within}
    code, rounds = _measured(model, found, told, pythons, out, wait) if found.tables else (0, ())
    if code == EXIT_INTERRUPTED:
        return code
    name = f"{Path(model.path).name}:{model.function}"
    floor = None if ceilings is None else own_floor(found, ceilings)
    show(own_model_document(OwnModel(name, found, _cost(rounds, found), floor)), format_name, output, details=details)
    return code


def _cost(rounds: "Sequence[Round]", found: "FoundModel") -> "OwnCost | None":
    from embbench.analysis.collapse.collapse import collapse
    from embbench.analysis.collapse.measures import Measures
    from embbench.analysis.cost.own_model import own_cost
    from embbench.cases.found_model import groups_of
    from embbench.engines.model_file import UNCHANGED

    results = collapse(rounds)
    others = {number: group[0].rows for number, group in enumerate(groups_of(found.tables), start=1) if number > 1}
    return own_cost(results, Measures(results), UNCHANGED, _rows(found), others) if found.tables else None


def _rows(found: "FoundModel") -> int:
    """The rows of the largest table that a step looks up."""
    return next((each for each in found.tables if each.lookups), found.tables[0]).rows


def _measured(
    model: "ModelFile", found: "FoundModel", flags: Flags, pythons: "Pythons", out: str | None, wait: bool
) -> "tuple[int, Sequence[Round]]":
    """(exit code, rounds) of the step at several sizes, and of its changes."""
    from msgspec.structs import replace

    from embbench.cli.broken_cases import tell_broken
    from embbench.cli.next_rounds import Sharpening
    from embbench.cli.planning import make_work
    from embbench.cli.run import Watch, measure
    from embbench.errors import EXIT_INTERRUPTED
    from embbench.launch.resume import kept
    from embbench.report.assemble import build

    suite = _suite(model, found)
    told = {**flags, "contender": [model.reference], "model": None, "vocab": None}
    told |= dict.fromkeys(("suite", "preset", "rounds", "budget", "timeout"))
    work, _ = make_work(told, False, suite, paced=True, pythons=pythons)
    reference = _unchanged(work.plan.cases, _rows(found))
    work = replace(work, plan=replace(work.plan, reference=reference))
    needs = Sharpening(suite.view, work.plan.cases, (), reference)
    watch = Watch(needs, lambda rounds: build(rounds, suite.view))
    path, outcome = measure(work, out, False, wait, watch, renew=True)
    say(f"interrupted; {kept(path)}" if outcome.interrupted else f"results: {path}")
    broke = tell_broken(outcome.rounds, work)
    return (EXIT_INTERRUPTED if outcome.interrupted else broke), outcome.rounds


def _unchanged(cases: "Sequence[Case]", rows: int) -> "Case":
    """The user's own step with the user's own number of rows. rows: of the largest table."""
    from embbench.cases.runtimes import SYSTEM
    from embbench.engines.model_file import UNCHANGED

    own = [each for each in cases if each.update == UNCHANGED and each.runtime == SYSTEM and each.vocab == rows]
    return min(own, key=lambda each: each.grown)


def _suite(model: "ModelFile", found: "FoundModel") -> "Suite":
    """The cases: the user's own step at several sizes, then its changes with the same training, then all others."""
    from embbench.cases.found_model import groups_of
    from embbench.cases.runtimes import RETAINED
    from embbench.cases.suite import Suite, View
    from embbench.engines.model_file import UNCHANGED, WORKLOAD

    groups = groups_of(found.tables)
    rows = _rows(found)
    further = [] if model.sized or not found.addable else list(enumerate(groups, start=1))[1:GROUPS]
    sizes = {max(1, rows // each) for each in SHRUNK} if model.sized else {rows * each for each in GROWN}
    if not model.sized and not found.addable:
        sizes = {rows}
    shared = {"workload": (WORKLOAD,), "table": ("trainable",)}
    possible = [each for each in found.changes if each.training != "refused"]
    same = tuple(each.name for each in possible if each.training == "same")
    others = tuple(each.name for each in possible if each.training != "same")
    blocks = [
        {**shared, "update": (UNCHANGED,), "vocab": tuple(sorted(sizes))},
        *(
            {
                **shared,
                "update": (UNCHANGED,),
                "grown": (number,),
                "vocab": (group[0].rows * MORE,),
            }
            for number, group in further
        ),
        {**shared, "update": same, "vocab": (rows,)},
        {**shared, "update": (UNCHANGED,), "runtime": (RETAINED,), "vocab": (rows,)},
        {**shared, "update": others, "vocab": (rows,)},
    ]
    view = View(col="update,runtime", metric="step_time,host_peak", reference=f"update={UNCHANGED},runtime=system")
    filled = tuple(each for each in blocks if all(each.values()))
    return Suite("explain-model", f"What does a step of {Path(model.path).name} cost?", filled, {}, view)
