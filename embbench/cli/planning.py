"""From flags to the Work of a run. All errors of the user are raised here, before anything is measured."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from embbench.cases.axes import parse_axis
from embbench.cases.case import NO_UPDATE
from embbench.cases.former import flags_of_today
from embbench.cases.plan import Plan, make_plan
from embbench.cases.shard import Shard, cases_of, parse_shard
from embbench.cases.sources import Source, find_source
from embbench.cases.suite import Suite, load_suite
from embbench.cases.tokens import LABELLED, parse_tokens
from embbench.cli.flags import AXIS_FLAGS, Flags
from embbench.cli.output import say
from embbench.contenders import Contender, discover, is_file
from embbench.engines.model_file import WORKLOAD, check_reference, is_model, read_model
from embbench.errors import UsageError, unknown
from embbench.host.machine import usable_cpus
from embbench.launch.inventory import PythonEnvironment
from embbench.launch.origin import find_origin
from embbench.launch.own_model import look_at_model
from embbench.launch.pythons import Pythons, ask_pythons, place_in
from embbench.launch.runner import Work
from embbench.workloads import workloads

DEFAULT_SUITE = "embedding-scaling"
MODEL_SUITE = "own-model"
LEARNS_TEXTS = "topics"  # the workload of --data
PROTOCOL = ("preset", "within", "rounds", "budget", "timeout")


def make_work(
    flags: Flags, force: bool, default: Suite | None = None, paced: bool = False, pythons: Pythons | None = None
) -> tuple[Work, Suite]:
    """default: the suite where the flags name none. paced: see `make_plan`. pythons: of the flag, if they were asked
    already. Raises UsageError for a wrong axis, suite, contender, update, token stream, protocol value or Python.
    """
    plan, suite, contenders, pythons = _read(flags, default, paced, pythons)
    if flags.get("shard"):
        plan = _part(plan, parse_shard(flags["shard"]), flags)
    return _work_of(plan.resolve(usable_cpus()), contenders, force, pythons), suite


def make_parts(flags: Flags, force: bool, parts: int) -> tuple[Work, list[Plan], Suite]:
    """The work of `run` with these flags, and the plans of its --shard 1/N to N/N on any machine: where the machine
    decides the threads, cases have 0 of them. Raises UsageError, also for more parts than the plan has.
    """
    plan, suite, contenders, pythons = _read(flags, None, True, None)
    cut = [_part(plan, Shard(number, parts), flags, "--jobs").resolve(0) for number in range(1, parts + 1)]
    return _work_of(plan.resolve(0), contenders, force, pythons), cut, suite


def _work_of(plan: Plan, contenders: Mapping[str, Contender], force: bool, pythons: Pythons) -> Work:
    used = {case.contender: contenders[case.contender] for case in plan.cases}
    elsewhere = pythons.chosen(used)
    used = {name: place_in(each, elsewhere.get(name)) for name, each in used.items()}
    return Work(_run_name(plan), plan, used, find_origin(used, elsewhere), force=force, pythons=pythons)


def _part(plan: Plan, shard: Shard, flags: Flags, flag: str = "--shard") -> Plan:
    """plan: before `resolve`, which depends on the machine. Raises UsageError."""
    reference = flags.get("reference")
    compared = plan.view.reference if reference is None else reference
    return replace(plan, cases=cases_of(shard, plan.cases, compared, flag))


def _read(
    flags: Flags, default: Suite | None, paced: bool, pythons: Pythons | None
) -> tuple[Plan, Suite, Mapping[str, Contender], Pythons]:
    """The plan, not yet resolved, its suite, all contenders by name, and their Pythons. Raises UsageError."""
    axes: dict[str, Sequence[Any]] = {name: parse_axis(name, flags[name]) for name in AXIS_FLAGS if flags[name]}
    axes |= _data_axes(flags)
    axes = with_model(axes, flags.get("model"))
    usual = MODEL_SUITE if _models(axes) else DEFAULT_SUITE
    suite = default if default is not None and not flags["suite"] else load_suite(flags["suite"] or usual)
    contenders = discover([name for name in axes.get("contender", ()) if is_file(name)])
    pythons = ask_pythons(flags.get("python"), contenders) if pythons is None else pythons
    if "vocab" not in axes and not any("vocab" in block for block in suite.blocks) and (models := _models(axes)):
        axes["vocab"] = tuple(dict.fromkeys(_rows(each, pythons.of(contenders[_stem(each)])) for each in models))
    if "contender" in axes:
        axes["contender"] = tuple(_stem(name) for name in axes["contender"])
    protocol = {name: flags[name] for name in PROTOCOL if flags.get(name) is not None}
    if "seed" in axes:
        protocol["seed"] = axes["seed"][0]
    plan = make_plan(suite, axes, protocol, paced)
    source = {axis: "" if axis in axes else f"suite {suite.file}: " for axis in ("contender", "workload", "update")}
    _check_names("contender", {case.contender for case in plan.cases}, contenders, source)
    _check_names("workload", {case.workload for case in plan.cases}, workloads(), source)
    updates = {name for contender in contenders.values() for name in contender.declaration.updates}
    _check_names("update", {case.update for case in plan.cases} - {NO_UPDATE}, updates, source)
    return plan, suite, contenders, pythons


def _data_axes(flags: Flags) -> dict[str, tuple[str, ...]]:
    """The axes that --data stands for. Raises UsageError for flags that contradict it."""
    if not (path := flags.get("data")):
        return {}
    axes: dict[str, tuple[str, ...]] = {"workload": (LEARNS_TEXTS,), "tokens": (f"{LABELLED}:{path}",)}
    for axis in axes:
        if flags[axis]:
            raise UsageError(f"--data sets the {axis}: leave --{axis} out")
    return axes


def with_model(axes: dict[str, Sequence[Any]], model: str | None = None) -> dict[str, Sequence[Any]]:
    """The axes with those of a user's own model, which --model or a contender FILE.py:NAME names. Raises UsageError."""
    if model is not None:
        if "contender" in axes:
            raise UsageError("--model sets the contender: leave --contender out")
        axes = {**axes, "contender": (check_reference(model),)}
    models = _models(axes)
    if not models:
        return axes
    if len(models) < len(axes["contender"]):
        raise UsageError("a user's own model does other work than contenders: run it without them")
    if axes.get("workload", (WORKLOAD,)) != (WORKLOAD,):
        raise UsageError(f"--workload: a user's own model has the workload {WORKLOAD}; leave --workload out")
    return {**axes, "workload": (WORKLOAD,)}


def _models(axes: Mapping[str, Sequence[Any]]) -> list[str]:
    """The contenders of the command line that are users' own models."""
    return [name for name in axes.get("contender", ()) if is_model(name)]


def _rows(reference: str, environment: PythonEnvironment | None) -> int:
    """The rows of a user's own model: the default of its parameter `vocab`, or the rows of its largest table, for which
    it is built. environment: that runs it. Raises UsageError, ModelBroke.
    """
    file = read_model(reference)
    if file.vocab is not None:
        return file.vocab
    tables = look_at_model(file, None, usable_cpus(), "cpu", environment).tables
    if not tables:
        raise UsageError(f"model {reference}: no step looks up rows of a table; give --vocab")
    return tables[0].rows


def tell(sources: Iterable[Source | None]) -> None:
    """Writes the warnings about the files of token streams to stderr."""
    for warning in dict.fromkeys(source.warning for source in sources if source is not None):
        if warning:
            say(f"warning: {warning}")


def canonical(axis: str, value: Any) -> Any:
    """The value of an axis in cases of this machine: a contender's name in place of its file, the number of all threads
    in place of 0, a token stream in its stored form. Raises UsageError.
    """
    if axis == "contender":
        return _stem(value)
    if axis == "threads":
        return value or usable_cpus()
    if axis == "tokens":
        source = find_source(value)
        return parse_tokens(value).canonical if source is None else source.stream
    return value


def _stem(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".py").replace(".py:", ":")


def _check_names(axis: str, names: Collection[str], known: Collection[str], source: Mapping[str, str]) -> None:
    """Raises UsageError for a name that no contender knows. A name that only some contenders lack is no error: it
    becomes an unsupported case. source: axis -> the file with its names; '' for the command line.
    """
    for name in sorted(names):
        if name in known:
            continue
        if axis == "contender" and (flags := flags_of_today(name)):
            raise UsageError(f"{source[axis]}{axis}: {name} is now {flags}")
        raise UsageError(f"{source[axis]}{axis}: {unknown(axis, name, known)}")


def _run_name(plan: Plan) -> str:
    return f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{plan.plan_id}"
