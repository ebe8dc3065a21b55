"""Quotas of CPU time and limits of memory: made-up trees of control groups, and a real group where one can be made."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from embbench.host import limits, load, machine
from embbench.host.groups import groups
from embbench.host.limits import Throttling, cpu_quota, memory_limit, throttling

STAT_V2 = "usage_usec 9\nnr_periods 300\nnr_throttled 12\nthrottled_usec 2500000\n"
STAT_V1 = "nr_periods 300\nnr_throttled 12\nthrottled_time 2500000000\n"
V2_TREE = "0::/pod/box\n"
V1_TREE = "4:cpu,cpuacct:/pod/box\n3:memory:/pod/box\n"


class Tree:
    """A made-up /proc and /sys/fs/cgroup."""

    def __init__(self, root: Path, told: str, mountinfo: str = "") -> None:
        self.proc, self.mount = root / "proc", root / "groups"
        (self.proc / "self").mkdir(parents=True)
        (self.proc / "self" / "cgroup").write_text(told)
        if mountinfo:
            (self.proc / "self" / "mountinfo").write_text(mountinfo.format(mount=self.mount))

    def put(self, group: str, **files: str) -> "Tree":
        place = self.mount / group
        place.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            controller, _, rest = name.partition("_")
            (place / f"{controller}.{rest}").write_text(text + "\n")
        return self

    @property
    def both(self) -> tuple[Path, Path]:
        return self.proc, self.mount


@pytest.mark.parametrize(
    ("told", "expected"),
    [("150000 100000", 1.5), ("max 100000", None), ("50000 100000", 0.5), ("", None), ("x y", None), ("1 0", None)],
)
def test_a_quota_of_version_2_is_its_share_of_a_period(tmp_path, told, expected):
    assert cpu_quota(*Tree(tmp_path, V2_TREE).put("pod/box", cpu_max=told).both) == expected


@pytest.mark.parametrize(
    ("quota", "period", "expected"), [("200000", "100000", 2.0), ("-1", "100000", None), ("junk", "100000", None)]
)
def test_a_quota_of_version_1_is_its_share_of_a_period(tmp_path, quota, period, expected):
    tree = Tree(tmp_path, V1_TREE).put("cpu/pod/box", cpu_cfs_quota_us=quota, cpu_cfs_period_us=period)
    assert cpu_quota(*tree.both) == expected


def test_the_lowest_quota_of_all_groups_above_counts(tmp_path):
    tree = Tree(tmp_path, V2_TREE).put("pod/box", cpu_max="max 100000").put("pod", cpu_max="300000 100000")
    assert cpu_quota(*tree.put("", cpu_max="800000 100000").both) == 3.0


def test_a_container_that_sees_itself_at_the_root_finds_its_quota_there(tmp_path):
    tree = Tree(tmp_path, "0::/\n").put("", cpu_max="250000 100000", memory_max="1000")
    assert (cpu_quota(*tree.both), memory_limit(5000, *tree.both)) == (2.5, 1000)


def test_a_container_without_a_namespace_for_groups_finds_its_own_group_at_the_mount(tmp_path):
    root = "/docker/4f3a"
    mountinfo = (
        f"30 20 0:27 {root} {{mount}}/cpu,cpuacct ro,nosuid master:10 - cgroup cgroup rw,cpu,cpuacct\n"
        "an odd line\n31 20 0:28 / {mount}/x ro - tmpfs tmpfs rw\n"
    )
    tree = Tree(tmp_path, f"4:cpu,cpuacct:{root}\n", mountinfo)
    tree.put("cpu,cpuacct", cpu_cfs_quota_us="150000", cpu_cfs_period_us="100000")
    assert cpu_quota(*tree.both) == 1.5


def test_a_mount_at_an_unusual_place_is_found(tmp_path):
    mountinfo = "30 20 0:27 / {mount}/a\\040b ro - cgroup2 cgroup rw\n"
    tree = Tree(tmp_path, V2_TREE, mountinfo).put("a b/pod/box", cpu_max="100000 100000")
    assert groups("cpu", *tree.both) == [[tree.mount / "a b" / "pod" / "box", tree.mount / "a b" / "pod",
                                          tree.mount / "a b"]]  # fmt: skip
    assert cpu_quota(*tree.both) == 1.0


def test_both_versions_side_by_side_are_both_looked_at(tmp_path):
    tree = Tree(tmp_path, V1_TREE + "0::/pod/box\n")
    tree.put("unified/pod/box", memory_max="7000").put("cpu/pod", cpu_cfs_quota_us="400000", cpu_cfs_period_us="100000")
    assert (cpu_quota(*tree.both), memory_limit(9000, *tree.both)) == (4.0, 7000)


@pytest.mark.parametrize("told", ["", "garbage\n", "1:name=systemd:/\n"])
def test_without_groups_there_is_no_quota_and_no_limit(tmp_path, told):
    both = Tree(tmp_path, told).put("", cpu_max="100 100", memory_max="5").both
    assert (cpu_quota(*both), memory_limit(100, *both), throttling(*both)) == (None, None, None)
    assert cpu_quota(tmp_path / "none", tmp_path / "none") is None


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"memory_max": "1000"}, 1000),
        ({"memory_max": "max"}, None),
        ({"memory_max": "1000", "memory_high": "600"}, 600),
        ({"memory_max": "9000"}, None),
        ({"memory_max": "?"}, None),
    ],
)
def test_a_limit_is_told_where_it_is_below_what_the_machine_has(tmp_path, files, expected):
    assert memory_limit(5000, *Tree(tmp_path, V2_TREE).put("pod", **files).both) == expected


def test_the_largest_number_of_version_1_is_no_limit(tmp_path):
    tree = Tree(tmp_path, V1_TREE).put("memory/pod", memory_limit_in_bytes="9223372036854771712")
    assert memory_limit(proc=tree.proc, mount=tree.mount) is None
    tree.put("memory/pod/box", memory_limit_in_bytes="4096")
    assert memory_limit(proc=tree.proc, mount=tree.mount) == 4096


def test_throttling_is_counted_in_both_versions(tmp_path):
    new = Tree(tmp_path / "2", V2_TREE).put("pod", cpu_max="100000 100000", cpu_stat=STAT_V2)
    old = Tree(tmp_path / "1", V1_TREE).put(
        "cpu/pod/box", cpu_cfs_quota_us="100000", cpu_cfs_period_us="100000", cpu_stat=STAT_V1
    )
    for tree in (new, old):
        assert throttling(*tree.both) == Throttling(300, 12, 2.5)
    new.put("pod/box", cpu_max="50000 100000", cpu_stat=STAT_V2)
    assert throttling(*new.both) == Throttling(600, 24, 5.0)
    old.put("cpu/pod/box", cpu_stat="odd\nnr_throttled x\n")
    assert throttling(*old.both) is None


@pytest.mark.parametrize(
    ("quota", "placed", "threads"), [(None, 8, 8), (2.0, 8, 2), (3.9, 8, 3), (0.2, 8, 1), (16.0, 8, 8)]
)
def test_threads_are_no_more_than_the_quota_pays_for_and_at_least_one(monkeypatch, quota, placed, threads):
    monkeypatch.setattr(machine, "cpu_quota", lambda: quota)
    monkeypatch.setattr(machine, "placed_cpus", lambda: placed)
    assert machine.usable_cpus() == threads


def test_quota_and_limit_are_facts_and_another_quota_is_another_kind_of_machine(monkeypatch):
    plain = machine.machine_facts()
    monkeypatch.setattr(machine, "cpu_quota", lambda: plain["cpus"] + 0.5)
    monkeypatch.setattr(machine, "memory_limit", lambda total: 2**30)
    bounded = machine.machine_facts()
    assert (bounded["quota"], bounded["limit"]) == (plain["cpus"] + 0.5, 2**30)
    assert bounded["cpus"] == plain["cpus"]
    assert bounded["fingerprint"] != plain["fingerprint"]


CPU_V1, CPU_V2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
SPIN = """
import json, os, pathlib, sys, time
from embbench.host.limits import cpu_quota
from embbench.host.load import read_load
from embbench.host.machine import usable_cpus
from embbench.worker.conditions import conditions, warnings
(pathlib.Path(sys.argv[1]) / "cgroup.procs").write_text(str(os.getpid()))
before, begun, used = read_load(), time.monotonic(), time.process_time()
while time.process_time() - used < 0.1:
    pass
told = conditions(before, read_load(), time.monotonic() - begun, 1)
print(json.dumps([cpu_quota(), usable_cpus(), told["quota_throttled"], told["quota_seconds"],
                  [each.code for each in warnings(told, [1.0], 1, 1)]]))
"""


@pytest.fixture
def real_group():
    """A control group with a quota of 0.1 CPUs, made for the test."""
    if os.geteuid() != 0:
        pytest.skip("making a control group needs root")
    version_1 = (CPU_V1 / "cpu.cfs_quota_us").exists() or CPU_V1.is_dir()
    place = (CPU_V1 if version_1 else CPU_V2) / f"embbench-test-{os.getpid()}"
    try:
        place.mkdir()
    except OSError as error:
        pytest.skip(f"a control group cannot be made here: {error}")
    quota = {"cpu.cfs_period_us": "20000", "cpu.cfs_quota_us": "2000"} if version_1 else {"cpu.max": "2000 20000"}
    try:
        for name, text in quota.items():
            (place / name).write_text(text)
        yield place
    except OSError as error:
        pytest.skip(f"a control group here takes no quota: {error}")
    finally:
        with contextlib.suppress(OSError):
            place.rmdir()


def test_a_real_group_with_a_quota_is_seen_and_its_throttling_warned_of(real_group):
    ran = subprocess.run([sys.executable, "-c", SPIN, str(real_group)], capture_output=True, text=True, check=True)
    quota, cpus, throttled, seconds, codes = json.loads(ran.stdout)
    assert (quota, cpus) == (0.1, 1)
    assert throttled > 0
    assert seconds > 0
    assert "throttled-by-quota" in codes


def test_without_a_quota_a_load_has_no_counts_of_it(monkeypatch):
    monkeypatch.setattr(load, "throttling", lambda: None)
    assert load.read_load().quota_throttled is None
    monkeypatch.setattr(load, "throttling", lambda: limits.Throttling(9, 3, 0.5))
    told = load.read_load()
    assert (told.quota_periods, told.quota_throttled, told.quota_seconds) == (9, 3, 0.5)


MEMORY_V1 = Path("/sys/fs/cgroup/memory")
ROOM = """
import os, pathlib, sys
from embbench.host.limits import memory_limit
from embbench.host.memory import available_bytes
(pathlib.Path(sys.argv[1]) / "cgroup.procs").write_text(str(os.getpid()))
print(memory_limit(), available_bytes())
"""


def test_a_real_group_with_a_limit_bounds_the_memory_that_is_available():
    if os.geteuid() != 0:
        pytest.skip("making a control group needs root")
    place = (MEMORY_V1 if MEMORY_V1.is_dir() else CPU_V2) / f"embbench-test-{os.getpid()}"
    try:
        place.mkdir()
    except OSError as error:
        pytest.skip(f"a control group cannot be made here: {error}")
    try:
        names = [name for name in ("memory.max", "memory.limit_in_bytes") if (place / name).exists()]
        if not names:
            pytest.skip("a control group here takes no limit of memory")
        (place / names[0]).write_text(str(400 * 2**20))
        ran = subprocess.run([sys.executable, "-c", ROOM, str(place)], capture_output=True, text=True, check=True)
    finally:
        with contextlib.suppress(OSError):
            place.rmdir()
    limit, available = map(int, ran.stdout.split())
    assert limit == 400 * 2**20
    assert 0 < available <= limit
