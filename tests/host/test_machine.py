"""Facts of the machine and its load."""

import os

import pytest

from embbench.host import load, machine


@pytest.mark.parametrize(
    ("info", "model"),
    [
        ("processor\t: 0\nmodel name\t: AMD EPYC\n\nprocessor\t: 1\nmodel name\t: AMD EPYC\n", "AMD EPYC"),
        (
            "processor\t: 0\nCPU implementer\t: 0x41\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\n\n"
            "processor\t: 1\nCPU implementer\t: 0x41\nCPU variant\t: 0x3\nCPU part\t: 0xd40\n",
            "aarch64 implementer 0x41 part 0xd0c part 0xd40 variant 0x3",
        ),
        ("", "aarch64"),
    ],
)
def test_models_of_cpus_are_told_apart(tmp_path, monkeypatch, info, model):
    monkeypatch.setattr(machine.platform, "processor", lambda: "aarch64")
    (tmp_path / "cpuinfo").write_text(info)
    assert machine._cpu_model(tmp_path / "cpuinfo") == model


def test_facts_are_complete_and_the_fingerprint_is_stable():
    one, other = machine.machine_facts(), machine.machine_facts()
    assert one == other
    assert one["cpu"]
    assert one["cpus"] >= 1
    assert one["memory"] > 2**28
    assert len(one["fingerprint"]) == 8


def test_the_fingerprint_ignores_the_kernel_and_minds_the_cpus(monkeypatch):
    one = machine.machine_facts()["fingerprint"]
    monkeypatch.setattr(machine.platform, "release", lambda: "9.9")
    assert machine.machine_facts()["fingerprint"] == one
    monkeypatch.setattr(machine, "usable_cpus", lambda: 4096)
    assert machine.machine_facts()["fingerprint"] != one


def test_huge_pages_are_the_chosen_word(tmp_path, monkeypatch):
    (tmp_path / "enabled").write_text("always [madvise] never\n")
    monkeypatch.setattr(machine, "THP", tmp_path / "enabled")
    assert machine.machine_facts()["huge_pages"] == "madvise"


@pytest.mark.parametrize(("features", "reports"), [("0110010100", True), ("0110000100", False), ("", False)])
def test_a_hypervisor_that_takes_free_pages_back_is_told(tmp_path, monkeypatch, features, reports):
    monkeypatch.setattr(machine, "BALLOON", tmp_path)
    assert not machine.reports_free_pages()
    (tmp_path / "virtio0").mkdir()
    (tmp_path / "virtio0" / "features").write_text(f"{features}\n")
    assert machine.machine_facts()["free_page_reporting"] is reports


def test_load_counts_up():
    before = load.read_load()
    sum(range(100_000))
    after = load.read_load()
    for name in ("faults", "forced_switches", "own_switches", "queue_wait", "pressure", "steal"):
        first, last = getattr(before, name), getattr(after, name)
        if first is not None:
            assert last >= first


def test_steal_is_counted_of_all_cpus_of_the_system(monkeypatch, tmp_path):
    # cpu: user, nice, system, idle, iowait, irq, softirq, steal; a process may be granted one of them.
    lines = ["cpu  10 0 10 10 0 0 0 800 0 0", *(f"cpu{at} 1 0 1 1 0 0 0 100 0 0" for at in range(8)), "ctxt 5"]
    (tmp_path / "stat").write_text("\n".join(lines))
    monkeypatch.setattr(load, "STAT", tmp_path / "stat")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3})
    assert (load.read_load().steal, load.counted_cpus()) == (8.0, 8)


def test_the_kernels_time_is_that_of_the_busiest_thread(monkeypatch, tmp_path):
    def counted(**threads):
        for name, (user, kernel) in threads.items():
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "stat").write_text(f"1 (a ) b) R {'0 ' * 10}{user} {kernel} 0 0\n")
        return load.read_load()

    monkeypatch.setattr(load, "TASKS", tmp_path)
    before = counted(main=(1000, 900), pool=(500, 100))
    after = counted(main=(1010, 930), pool=(520, 240), fresh=(90, 10))
    assert load.kernel_time(before, after) == pytest.approx(1.4)
    monkeypatch.setattr(load, "TASKS", tmp_path / "none")
    assert load.kernel_time(load.read_load(), load.read_load()) is None


@pytest.mark.parametrize("path", ["TASKS", "PRESSURE", "STAT"])
def test_a_counter_the_system_lacks_is_none(monkeypatch, tmp_path, path):
    monkeypatch.setattr(load, path, tmp_path / "none")
    told = load.read_load()
    assert None in (told.queue_wait, told.steal, told.pressure)
