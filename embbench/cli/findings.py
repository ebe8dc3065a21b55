"""What `doctor` makes of the facts: what is worth knowing before trusting a number, and what to do about it."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from embbench.host.core_latency import Latency
from embbench.host.limits import Throttling
from embbench.host.memory import allocator
from embbench.host.noise import Noise
from embbench.launch.process import THREAD_VARIABLES
from embbench.results.core_states import slowest
from embbench.spec.runtimes import RUNTIMES
from embbench.spec.units import format_quantity
from embbench.stats.summary import median
from embbench.store.machine import UNKNOWN, name_of

MOST_SPREAD = 0.05
MOST_SHARE = 0.02


class Finding(msgspec.Struct, frozen=True):
    """level: ok, note (know it) or warning (numbers suffer). advice: what to do; '' where nothing is to be done."""

    level: str
    what: str
    advice: str = ""


class ContenderFacts(msgspec.Struct, frozen=True):
    """A contender's packages with their versions (None: not installed), why it does not load ('' if it does), and what
    is known to mislead in these versions.
    """

    name: str
    packages: dict[str, str | None]
    install: str
    problem: str
    beware: tuple[str, ...] = ()


def contender_findings(contenders: Sequence[ContenderFacts]) -> list[Finding]:
    """One for each contender."""
    found = []
    for each in contenders:
        versions = ", ".join(f"{name} {version or 'missing'}" for name, version in each.packages.items())
        what = f"contender {each.name} ({versions or 'needs no package'})"
        if each.install:
            found.append(Finding("note", f"{what}: not installed", each.install.partition(": ")[2]))
        elif each.problem:
            advice = "reinstall it; its rounds will be 'unsupported'"
            found.append(Finding("warning", f"{what} does not load: {each.problem}", advice))
        else:
            found.append(Finding("ok", f"{what} loads"))
        found += [Finding("warning", text, "use another version, or mind this when you read") for text in each.beware]
    return found


def machine_findings(facts: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """Devices, threads, governor, huge pages and allocator, from `machine_facts()`."""
    devices = ", ".join(facts["devices"])
    found = [
        Finding("ok", f"{facts['cpu']}, {facts['cpus']} CPUs usable, {facts['system']}, kernel {facts['kernel']}"),
        Finding("ok", f"devices: {devices}") if devices else Finding("note", "no CUDA device: --device cpu only"),
        _governor(facts["governor"]),
        _huge_pages(facts["huge_pages"]),
    ]
    if facts["free_page_reporting"]:
        kept = RUNTIMES["retained"].change
        advice = f"a step that asks for large arrays anew pays for it; --runtime retained shows how much ({kept})"
        found.append(Finding("note", "memory: the hypervisor takes back what is free (free page reporting)", advice))
    if "caches" in facts:
        found.append(_caches(facts["caches"], facts["tlb_reach"]))
    if told := allocator(environment):
        advice = "workers inherit it: compare only with runs under the same one"
        found.append(Finding("note", f"allocator: {told}", advice))
    else:
        found.append(Finding("ok", "allocator: the system's own, untuned"))
    threads = [f"{name}={environment[name]}" for name in THREAD_VARIABLES if environment.get(name)]
    if threads:
        found.append(Finding("note", f"threads: {' '.join(threads)} is not used", "give --threads to set a case's"))
    return found


def _caches(sizes: Mapping[str, int], reach: int | None) -> Finding:
    if not sizes:
        return Finding("note", "caches: this system does not say how large they are")
    told = ", ".join(f"{name} {format_quantity(size, 'B', 3)}" for name, size in sizes.items())
    far = "is not told" if reach is None else f"reaches {format_quantity(reach, 'B', 3)} in ordinary pages"
    return Finding("ok", f"caches: {told}; address translation {far}")


def identity_finding(facts: Mapping[str, Any]) -> Finding:
    """How the machine is told from its twins, from `machine_facts()`."""
    kind, name = facts["fingerprint"], name_of(facts)
    if facts["id"] != UNKNOWN:
        return Finding("ok", f"machine {name}: the kind {kind}, and an id that tells it from others of that kind")
    advice = "mount the host's /etc/machine-id into the container, read-only"
    until = "only until the next boot is it" if facts["boot"] != UNKNOWN else "it is not"
    return Finding("note", f"machine {name}: the kind {kind}; {until} told from others of that kind", advice)


def group_findings(facts: Mapping[str, Any], throttled: Throttling | None) -> list[Finding]:
    """What control groups grant, from `machine_facts()` and `host.limits.throttling()`."""
    quota, limit, cpus = facts["quota"], facts["limit"], facts["cpus"]
    found = []
    if quota is None:
        found.append(Finding("ok", "CPU time: no control group has a quota"))
    else:
        threads = f"cases get {cpus} thread{'s' if cpus != 1 else ''}"
        advice = "" if quota >= cpus else f"give the container a whole CPU: {cpus} thread needs more than {quota:g}"
        found.append(
            Finding("warning" if advice else "note", f"CPU time: a quota of {quota:g} CPUs; {threads}", advice)
        )
    if throttled is not None:
        what = f"CPU time: the quota stopped this group in {throttled.throttled} of {throttled.periods} periods so far"
        advice = "use fewer --threads, or give the container more CPUs" if throttled.throttled else ""
        found.append(Finding("note" if advice else "ok", what, advice))
    if limit is None:
        found.append(Finding("ok", "memory: no control group limits it"))
    else:
        told = f"memory: a limit of {format_quantity(limit, 'B', 3)} of {format_quantity(facts['memory'], 'B', 3)}"
        found.append(Finding("note", told, "cases that need more are skipped; raise the container's limit"))
    return found


def core_finding(looks: Sequence[Latency]) -> Finding:
    """How long a byte takes from CPU to CPU now, from several answers of a `CoreProbe`: of each the slowest pair."""
    what = "core-to-core latency now:"
    if not any(looks):
        return Finding("note", f"{what} unknown, with one CPU or on this system")
    told = [found for look in looks if (found := slowest(look)) is not None]
    if not told:
        return Finding("warning", f"{what} some CPUs did not answer in time", "other programs run; close them")
    middle, least, most = (format_quantity(each / 1e9, "s", 2) for each in (median(told), min(told), max(told)))
    return Finding("ok", f"{what} {middle} there and back ({least} to {most} in {len(told)} looks)")


def noise_findings(noise: Noise) -> list[Finding]:
    """How far the same work's times lie apart now, and what took the CPU away."""
    found = [
        _share("the same work's times spread by", noise.spread, MOST_SPREAD, "close other programs; use more --rounds")
    ]
    shares = (
        (noise.queue, "waiting for a CPU:", "other programs run; close them or use fewer --threads than CPUs"),
        (noise.steal, "CPU time taken by the hypervisor:", "this is a shared virtual machine; use more --rounds"),
        (noise.pressure, "time in which some task waited for a CPU:", "other programs run; close them"),
    )
    for value, what, advice in shares:
        if value is None:
            found.append(Finding("note", f"{what} this system does not tell"))
        else:
            found.append(_share(what, value, MOST_SHARE, advice))
    return found


def _share(what: str, value: float, most: float, advice: str) -> Finding:
    text = f"noise now: {what} {value:.1%}"
    return Finding("warning", text, advice) if value > most else Finding("ok", text)


def _governor(governor: str | None) -> Finding:
    if governor in (None, "performance"):
        return Finding("ok", f"frequency governor: {governor or 'not exposed here'}")
    return Finding("note", f"frequency governor: {governor}", "clocks may vary: cpupower frequency-set -g performance")


def _huge_pages(mode: str | None) -> Finding:
    if mode is None:
        return Finding("note", "transparent huge pages: this system does not tell")
    advice = "large tables gain from huge pages, and results with another setting differ" if mode == "never" else ""
    return Finding("note" if advice else "ok", f"transparent huge pages: {mode}", advice)
