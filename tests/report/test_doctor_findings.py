"""The findings of `doctor` from made-up facts."""

import pytest

from embbench.report.findings import (
    ContenderFacts,
    contender_findings,
    core_finding,
    group_findings,
    identity_finding,
    machine_findings,
    noise_findings,
)

FACTS = {
    "cpu": "C",
    "cpus": 2,
    "system": "Linux",
    "kernel": "6",
    "devices": [],
    "governor": "powersave",
    "huge_pages": "never",
    "free_page_reporting": True,
}


def test_each_fact_that_matters_has_its_advice():
    found = machine_findings(FACTS, "LD_PRELOAD=libjemalloc.so", ["BLIS_NUM_THREADS=1"])
    texts = [f"{each.level}: {each.what}: {each.advice}" for each in found]
    assert texts == [
        "ok: C, 2 CPUs usable, Linux, kernel 6: ",
        "note: no CUDA device: --device cpu only: ",
        "note: frequency governor: powersave: clocks may vary: cpupower frequency-set -g performance",
        "note: transparent huge pages: never: huge pages speed up large tables; compare only runs with the "
        "same setting",
        "note: memory: the hypervisor takes back free memory (free page reporting): steps that allocate large arrays "
        "become slower; --runtime retained shows how much (MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=-1 in the "
        "environment, with glibc)",
        "note: allocator: LD_PRELOAD=libjemalloc.so: workers inherit this allocator; compare only runs with the same "
        "allocator",
        "note: threads: BLIS_NUM_THREADS=1 is not used: set the threads of a case with --threads",
    ]
    told = machine_findings(FACTS, "", [], "NVML: Driver Not Loaded")
    assert told[1].what == "no CUDA device (NVML: Driver Not Loaded): --device cpu only"
    calm = {**FACTS, "devices": ["H100"], "governor": "performance", "huge_pages": "madvise"}
    calm |= {"free_page_reporting": False}
    assert {each.level for each in machine_findings(calm, "", [])} == {"ok"}


def test_noise_beyond_its_limit_is_a_warning_with_advice():
    spread, queue, steal, pressure = noise_findings({"spread": 0.3, "queue": 0.1, "steal": 0.0, "pressure": None})
    assert (spread.level, spread.what) == ("warning", "noise now: times of equal work spread by 30.0%")
    assert (queue.level, bool(queue.advice)) == ("warning", True)
    assert (steal.level, steal.advice) == ("ok", "")
    assert (pressure.level, pressure.what) == (
        "note",
        "time in which some task waited for a CPU: not reported by this system",
    )


@pytest.mark.parametrize(
    ("looks", "level", "text"),
    [
        ([(270,), (None, 500), (470, 280)], "ok", "370 ns per round trip (270 ns to 470 ns in 2 measurements)"),
        ([(None,)], "warning", "some CPUs did not answer in time"),
        ([(), ()], "note", "unknown: the process has a single CPU, or this system is not supported"),
    ],
)
def test_how_far_apart_the_cpus_are(looks, level, text):
    found = core_finding(looks)
    assert (found.level, found.what) == (level, f"core-to-core latency now: {text}")


def test_contenders_of_each_kind():
    loaded = ContenderFacts("a", {"p": "1.0"}, "", "")
    broken = ContenderFacts("b", {}, "", "ImportError: x")
    fine, bad = contender_findings([loaded, broken])
    assert fine.what == "contender a (p 1.0) loads"
    assert bad.level == "warning"


def test_doctor_tells_quota_limit_and_throttling():
    facts = {"quota": 0.5, "cpus": 1, "limit": 2 * 10**9, "memory": 8 * 10**9}
    quota, stopped, limit = group_findings(facts, (12, 300))
    assert (quota.level, quota.what) == ("warning", "CPU time: a quota of 0.5 CPUs; cases get 1 thread")
    assert stopped.what == "CPU time: the quota stopped this group in 12 of 300 periods so far"
    assert limit.what == "memory: a limit of 2.00 GB of 8.00 GB"
    quota, stopped, _ = group_findings({**facts, "quota": 2.5, "cpus": 2}, (0, 300))
    assert (quota.level, stopped.level) == ("note", "ok")
    assert [each.level for each in group_findings({**facts, "quota": None, "limit": None}, None)] == ["ok", "ok"]


def test_doctor_tells_kind_and_id_of_the_machine():
    known = identity_finding({"fingerprint": "0a1b2c3d", "id": "aaaaaaaa", "boot": "b"})
    assert (known.level, "0a1b2c3d-aaaaaaaa" in known.what) == ("ok", True)
    unknown = identity_finding({"fingerprint": "0a1b2c3d", "id": "unknown", "boot": "bbbbbbbb"})
    assert (unknown.level, "only until the next boot" in unknown.what) == ("note", True)
    assert "/etc/machine-id" in unknown.advice


@pytest.mark.parametrize(
    ("caches", "reach", "level", "told"),
    [
        ({"L1": 49152, "L2": 2097152}, None, "ok", "caches: L1 49.2 kB, L2 2.10 MB; the TLB reach is unknown"),
        ({"L1": 49152}, 14_680_064, "ok", "the TLB reaches 14.7 MB of ordinary pages"),
        ({}, None, "note", "caches: this system does not report their sizes"),
    ],
)
def test_caches_are_told_as_the_machine_has_them(caches, reach, level, told):
    found = machine_findings({**FACTS, "caches": caches, "tlb_reach": reach}, "", [])
    (one,) = [each for each in found if each.what.startswith("caches")]
    assert one.level == level
    assert told in one.what
