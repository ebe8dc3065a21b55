"""What `doctor` looked at -> its findings, with advice."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from embbench.analysis.collapse.core_states import slowest
from embbench.cases.runtimes import RUNTIMES
from embbench.cases.units import format_quantity
from embbench.stats.summary import median
from embbench.store.machine import UNKNOWN, name_of

MOST_SPREAD = 0.05
MOST_SHARE = 0.02


class Finding(msgspec.Struct, frozen=True):
    """level: ok, note (good to know) or warning (numbers suffer). advice: what to do; '' for nothing."""

    level: str
    what: str
    advice: str = ""


class ContenderFacts(msgspec.Struct, frozen=True):
    """packages: name -> version, None for a missing package. install: how to install missing packages; '' for none.
    problem: why the contender does not load; '' where it loads. beware: known faults of these versions. cuda: why it
    cannot use a GPU, and the commands that change it; '' for none. python: that runs it; '' for that of embbench.
    """

    name: str
    packages: dict[str, str | None]
    install: str
    problem: str
    beware: tuple[str, ...] = ()
    cuda: tuple[str, str] = ("", "")
    python: str = ""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What `doctor` looked at. machine: `machine_facts()`. allocator: settings of the environment; '' without settings.
    threads: NAME=value of the environment's thread settings. stopped: (periods in which the CPU quota stopped this
    group, all periods); None without a quota. latencies: of several measurements, nanoseconds of a round trip by pair
    of CPUs, None for a pair without an answer. noise: `spread`, `queue`, `steal`, `pressure` as shares; None: unknown.
    no_device: why there is no CUDA device; '' where there is a device.
    """

    contenders: Sequence[ContenderFacts]
    machine: Mapping[str, Any]
    allocator: str
    threads: Sequence[str]
    stopped: tuple[int, int] | None
    latencies: Sequence[Sequence[int | None]]
    noise: Mapping[str, float | None]
    no_device: str = ""


def find(looked: Looked) -> list[Finding]:
    """All findings: contenders, machine, and noise."""
    return [
        *contender_findings(looked.contenders),
        *cuda_findings(looked.contenders),
        *machine_findings(looked.machine, looked.allocator, looked.threads, looked.no_device),
        identity_finding(looked.machine),
        *group_findings(looked.machine, looked.stopped),
        core_finding(looked.latencies),
        *noise_findings(looked.noise),
    ]


def cuda_findings(contenders: Sequence[ContenderFacts]) -> list[Finding]:
    """A finding per reason why contenders cannot use a GPU, with the contenders that have it."""
    names: dict[tuple[str, str], list[str]] = {}
    for facts in contenders:
        if facts.cuda[0]:
            names.setdefault(facts.cuda, []).append(facts.name)
    return [
        Finding("note", f"no --device cuda for {', '.join(several)}: {reason}", command)
        for (reason, command), several in names.items()
    ]


def contender_findings(contenders: Sequence[ContenderFacts]) -> list[Finding]:
    """A finding per contender, and a finding per known fault of its versions."""
    findings = []
    for facts in contenders:
        versions = ", ".join(f"{name} {version or 'missing'}" for name, version in facts.packages.items())
        what = f"contender {facts.name} ({versions or 'needs no package'})"
        where = f" in {facts.python}" if facts.python else ""
        if facts.install:
            findings.append(Finding("note", f"{what}: not installed{where}", facts.install.partition(": ")[2]))
        elif facts.problem:
            advice = "reinstall its packages; until then its rounds are 'unsupported'"
            findings.append(Finding("warning", f"{what} does not load{where}: {facts.problem}", advice))
        else:
            findings.append(Finding("ok", f"{what} loads{where}"))
        advice = "use another version, or read its numbers with care"
        findings += [Finding("warning", text, advice) for text in facts.beware]
    return findings


def machine_findings(
    facts: Mapping[str, Any], allocator: str, threads: Sequence[str], no_device: str = ""
) -> list[Finding]:
    """Devices, threads, governor, huge pages and allocator. Arguments: see `Looked`."""
    devices, why = ", ".join(facts["devices"]), f" ({no_device})" if no_device else ""
    findings = [
        Finding("ok", f"{facts['cpu']}, {facts['cpus']} CPUs usable, {facts['system']}, kernel {facts['kernel']}"),
        Finding("ok", f"devices: {devices}") if devices else Finding("note", f"no CUDA device{why}: --device cpu only"),
        _governor(facts["governor"]),
        _huge_pages(facts["huge_pages"]),
    ]
    if facts["free_page_reporting"]:
        settings = RUNTIMES["retained"].change
        advice = f"steps that allocate large arrays become slower; --runtime retained shows how much ({settings})"
        findings.append(Finding("note", "memory: the hypervisor takes back free memory (free page reporting)", advice))
    if "caches" in facts:
        findings.append(_caches(facts["caches"], facts["tlb_reach"]))
    if allocator:
        advice = "workers inherit this allocator; compare only runs with the same allocator"
        findings.append(Finding("note", f"allocator: {allocator}", advice))
    else:
        findings.append(Finding("ok", "allocator: the system's own, untuned"))
    if threads:
        advice = "set the threads of a case with --threads"
        findings.append(Finding("note", f"threads: {' '.join(threads)} is not used", advice))
    return findings


def _caches(sizes: Mapping[str, int], reach: int | None) -> Finding:
    if not sizes:
        return Finding("note", "caches: this system does not report their sizes")
    caches = ", ".join(f"{name} {format_quantity(size, 'B', 3)}" for name, size in sizes.items())
    tlb = "reach is unknown" if reach is None else f"reaches {format_quantity(reach, 'B', 3)} of ordinary pages"
    return Finding("ok", f"caches: {caches}; the TLB {tlb}")


def identity_finding(facts: Mapping[str, Any]) -> Finding:
    """How to distinguish the machine from its twins, from `machine_facts()`."""
    kind, name = facts["fingerprint"], name_of(facts)
    if facts["id"] != UNKNOWN:
        return Finding("ok", f"machine {name}: kind {kind}, with an id of its own")
    advice = "mount the host's /etc/machine-id into the container, read-only"
    twins = "are distinct only until the next boot" if facts["boot"] != UNKNOWN else "cannot be distinguished"
    return Finding("note", f"machine {name}: kind {kind}, without an id; machines of this kind {twins}", advice)


def group_findings(facts: Mapping[str, Any], stopped: tuple[int, int] | None) -> list[Finding]:
    """The limits of control groups, from `machine_facts()`. stopped: see `Looked`."""
    quota, limit, cpus = facts["quota"], facts["limit"], facts["cpus"]
    findings = []
    if quota is None:
        findings.append(Finding("ok", "CPU time: no control group has a quota"))
    else:
        threads = f"cases get {cpus} thread{'s' if cpus != 1 else ''}"
        advice = "" if quota >= cpus else f"give the container a whole CPU: {cpus} thread needs more than {quota:g}"
        findings.append(
            Finding("warning" if advice else "note", f"CPU time: a quota of {quota:g} CPUs; {threads}", advice)
        )
    if stopped is not None:
        times, periods = stopped
        what = f"CPU time: the quota stopped this group in {times} of {periods} periods so far"
        advice = "use fewer --threads, or give the container more CPUs" if times else ""
        findings.append(Finding("note" if advice else "ok", what, advice))
    if limit is None:
        findings.append(Finding("ok", "memory: no control group sets a limit"))
    else:
        what = f"memory: a limit of {format_quantity(limit, 'B', 3)} of {format_quantity(facts['memory'], 'B', 3)}"
        findings.append(Finding("note", what, "larger cases are skipped; raise the container's limit to measure them"))
    return findings


def core_finding(looks: Sequence[Sequence[int | None]]) -> Finding:
    """The time of a byte between CPUs now. looks: `Looked.latencies`, whose slowest pairs count."""
    what = "core-to-core latency now:"
    if not any(looks):
        return Finding("note", f"{what} unknown: the process has a single CPU, or this system is not supported")
    times = [time for look in looks if (time := slowest(look)) is not None]
    if not times:
        return Finding("warning", f"{what} some CPUs did not answer in time", "other programs run; close them")
    middle, least, most = (format_quantity(each / 1e9, "s", 2) for each in (median(times), min(times), max(times)))
    return Finding("ok", f"{what} {middle} per round trip ({least} to {most} in {len(times)} measurements)")


def noise_findings(noise: Mapping[str, float | None]) -> list[Finding]:
    """The spread of the times of equal work now, and what took the CPU away. noise: see `Looked`."""
    shares = (
        ("spread", "times of equal work spread by", MOST_SPREAD, "close other programs; use more --rounds"),
        ("queue", "waiting for a CPU:", MOST_SHARE, "other programs run; close them or use fewer --threads than CPUs"),
        (
            "steal",
            "CPU time taken by the hypervisor:",
            MOST_SHARE,
            "this is a shared virtual machine; use more --rounds",
        ),
        ("pressure", "time in which some task waited for a CPU:", MOST_SHARE, "other programs run; close them"),
    )
    return [_share(what, noise[name], most, advice) for name, what, most, advice in shares]


def _share(what: str, value: float | None, most: float, advice: str) -> Finding:
    if value is None:
        return Finding("note", f"{what} not reported by this system")
    text = f"noise now: {what} {value:.1%}"
    return Finding("warning", text, advice) if value > most else Finding("ok", text)


def _governor(governor: str | None) -> Finding:
    if governor in (None, "performance"):
        return Finding("ok", f"frequency governor: {governor or 'not exposed here'}")
    return Finding("note", f"frequency governor: {governor}", "clocks may vary: cpupower frequency-set -g performance")


def _huge_pages(mode: str | None) -> Finding:
    if mode is None:
        return Finding("note", "transparent huge pages: not reported by this system")
    advice = "huge pages speed up large tables; compare only runs with the same setting" if mode == "never" else ""
    return Finding("note" if advice else "ok", f"transparent huge pages: {mode}", advice)
