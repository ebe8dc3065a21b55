"""Facts of the machine, its devices and its load."""

import pynvml
import pytest

from embbench.host import devices, load, machine


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


def test_without_a_driver_there_are_no_devices_and_no_bytes(monkeypatch):
    def fails():
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    monkeypatch.setattr(pynvml, "nvmlInit", fails)
    assert devices.list_devices() == []
    used, reason = devices.process_bytes()
    assert used is None
    assert reason.startswith("NVML: ")


def test_load_counts_up():
    before = load.read_load()
    sum(range(100_000))
    after = load.read_load()
    for name in ("faults", "forced_switches", "own_switches", "queue_wait", "pressure", "steal"):
        first, last = getattr(before, name), getattr(after, name)
        if first is not None:
            assert last >= first


@pytest.mark.parametrize("path", ["TASKS", "PRESSURE", "STAT"])
def test_a_counter_the_system_lacks_is_none(monkeypatch, tmp_path, path):
    monkeypatch.setattr(load, path, tmp_path / "none")
    told = load.read_load()
    assert None in (told.queue_wait, told.steal, told.pressure)
