"""`embbench doctor`."""

from typing import TYPE_CHECKING, Annotated

import typer

from embbench.cli.flags import Flags, NoWait, Output, one_of, whole, with_flags
from embbench.cli.python_flag import PYTHON_FLAG

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from embbench.contenders import Contender
    from embbench.launch.inventory import PythonEnvironment
    from embbench.report.findings import ContenderFacts, Looked

# In a process of its own: the parent never imports a framework.
LOAD = "import sys, pathlib; from embbench.contenders import load, read; load(read(pathlib.Path(sys.argv[1])))"
LOAD_SECONDS = 120
CORE_LOOKS = 20


@with_flags(PYTHON_FLAG)
def doctor(
    flags: Flags,
    contender: Annotated[
        list[str] | None,
        typer.Option("--contender", metavar="FILE.py", help="Also try your own contender file.", show_default=False),
    ] = None,
    ceilings: Annotated[
        bool,
        typer.Option("--ceilings", help="Measure the speed of memory and arithmetic, and save both for `explain`."),
    ] = False,
    device: Annotated[
        str, typer.Option("--device", metavar="NAME", help="Device for --ceilings: cpu or cuda.")
    ] = "cpu",
    threads: Annotated[
        int, typer.Option("--threads", parser=whole, metavar="N", help="Threads for --ceilings; 0 for all CPUs.")
    ] = 0,
    no_wait: NoWait = False,
    format: Annotated[str, typer.Option("--format", metavar="NAME", help="text, md, json or html.")] = "text",
    output: Output = None,
) -> int:
    """Check frameworks and machine, and show what to do. A missing framework shows its install command, in the
    environment that runs the contender.

    Doctor changes no setting; --ceilings saves a file under results/ceilings/.

    \b
    Examples:
      embbench doctor
      embbench doctor --contender ./my_model.py --format json
      embbench doctor --ceilings
      embbench doctor --python pytorch=.venv-a/bin/python,jax_optax=.venv-b/bin/python
    """
    from embbench.cases.case import DEVICES
    from embbench.cli.show import GREP_WIDTH, show
    from embbench.contenders import discover
    from embbench.launch.pythons import ask_pythons
    from embbench.report.doctor_document import doctor_document
    from embbench.report.findings import find
    from embbench.report.writers import check_format

    check_format(format, csv=False)
    one_of("device", device, DEVICES)
    contenders = discover(contender or [])
    pythons = ask_pythons(flags["python"], contenders)
    if ceilings:
        return show_ceilings(device, threads, format, output, not no_wait, pythons.for_ceilings(device))
    facts = try_all(list(contenders.values()), pythons.chosen(contenders))
    show(doctor_document(find(look_at(facts))), format, output, pipe=GREP_WIDTH)
    return 0


def show_ceilings(
    device: str,
    threads: int,
    format: str,
    output: "Path | None" = None,
    wait: bool = True,
    environment: "PythonEnvironment | None" = None,
) -> int:
    """Measures and shows the ceilings. threads: 0 for all CPUs of this process. output: file, or None for stdout. wait:
    for another embbench here. environment: that measures, if not this process's own.
    """
    from embbench.cli.machine_lock import by_itself
    from embbench.cli.output import say
    from embbench.cli.show import show
    from embbench.errors import UsageError
    from embbench.host.machine import machine_facts, usable_cpus
    from embbench.launch.ceilings import ceilings_of
    from embbench.report.ceiling_document import ceiling_document
    from embbench.store.ceilings import Find
    from embbench.store.machine import name_of

    if threads < 0:
        raise UsageError(f"--threads: {threads} is out of range; give 0 or more")
    find = Find(name_of(machine_facts()), device, threads or usable_cpus())
    with by_itself(wait):
        say("measuring takes about 15 s")
        ceilings = ceilings_of(find, anew=True, environment=environment)
    say(f"saved: {find.path}")
    show(ceiling_document(ceilings), format, output)
    return 0


def look_at(contenders: "list[ContenderFacts]") -> "Looked":
    """The facts about contenders, with those of the machine, and of its noise during a second."""
    import os

    import msgspec

    from embbench.host.core_latency import CoreProbe
    from embbench.host.devices import no_device
    from embbench.host.limits import throttling
    from embbench.host.machine import machine_facts
    from embbench.host.memory import allocator
    from embbench.host.noise import measure_noise
    from embbench.launch.process import THREAD_VARIABLES
    from embbench.report.findings import Looked

    throttled = throttling()
    with CoreProbe() as cores:
        looks = [cores.read() for _ in range(CORE_LOOKS)]
    return Looked(
        contenders=contenders,
        machine=machine_facts(),
        allocator=allocator(os.environ),
        threads=[f"{name}={os.environ[name]}" for name in THREAD_VARIABLES if os.environ.get(name)],
        stopped=None if throttled is None else (throttled.throttled, throttled.periods),
        latencies=looks,
        noise=msgspec.structs.asdict(measure_noise()),
        no_device=no_device(),
    )


def try_all(contenders: "list[Contender]", environments: "Mapping[str, PythonEnvironment]") -> "list[ContenderFacts]":
    """Tries all contenders, as many at a time as there are CPUs. A contender takes seconds. environments: contender ->
    the environment that runs it, if not this process's own.
    """
    from concurrent.futures import ThreadPoolExecutor

    from embbench.host.machine import usable_cpus

    with ThreadPoolExecutor(usable_cpus()) as pool:
        return list(pool.map(lambda each: try_to_load(each, environments.get(each.name)), contenders))


def try_to_load(contender: "Contender", environment: "PythonEnvironment | None" = None) -> "ContenderFacts":
    """Imports the contender's file in a process of its own, if its packages are installed. environment: that runs the
    contender, if not this process's own.
    """
    import sys

    from msgspec.structs import replace

    from embbench.contenders._cuda import without_device
    from embbench.contenders._installed import installed_here
    from embbench.host.devices import list_devices
    from embbench.launch.ask_program import ask
    from embbench.launch.inventory import with_python
    from embbench.launch.preflight import how_to_install
    from embbench.report.findings import ContenderFacts

    there = None if environment is None else environment.of(contender.name)
    known = installed_here(contender) if there is None else there
    python = "" if environment is None else environment.python
    devices = list_devices()
    reason, commands = known.cuda if devices else without_device(*known.cuda)
    told = ContenderFacts(
        contender.name, known.packages, "", "", known.beware.get("cuda" if devices else "cpu", ()),
        (reason, with_python(commands, python)), python,
    )  # fmt: skip
    if known.missing:
        return replace(told, install=how_to_install(known.missing, python), beware=())
    # -P: as for workers
    command = [sys.executable if environment is None else environment.path, "-P", "-c", LOAD, known.path]
    try:
        tried = ask(command, LOAD_SECONDS)
    except TimeoutError:
        return replace(told, problem=f"loading took longer than {LOAD_SECONDS} s", beware=())
    return replace(told, problem=tried.last_words) if tried.code else told
