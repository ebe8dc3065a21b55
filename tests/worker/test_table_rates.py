"""The rates of memory beside the table alone: of which rows, in which pages, on which device."""

import pytest

from embbench.worker import table_alone
from tests.fakes import fake
from tests.fakes.clock import CLOCK
from tests.worker.test_table_alone import ALONE, LAZY, RowsKit


class AskedKit(RowsKit):
    def rows(self, size, row, count):
        asked.append((size, row, count))
        return super().rows(size, row, count)


asked: list[tuple[int, int, int]] = []
huge_asked: list[bool] = []
devices: list[str] = []


@pytest.fixture(autouse=True)
def scripted_memory(monkeypatch):
    asked.clear()
    huge_asked.clear()
    devices.clear()

    def make_kit(device, threads, huge):
        devices.append(device)
        huge_asked.append(huge)
        return AskedKit(CLOCK)

    monkeypatch.setattr(table_alone, "make_kit", make_kit)
    monkeypatch.setattr(table_alone, "cache_sizes", lambda: {"L1": 32 << 10, "L2": 1 << 27})


def test_rates_are_of_as_many_rows_as_a_batch_touches_in_a_table_as_large(run_round):
    round_ = run_round("TabledTrial", protocol=ALONE, **LAZY)
    assert asked == [(500 * 8 * 4, 8 * 4, int(round_.metrics["unique_rows"].values[0]))]
    assert round_.metrics["gather_rate"].values == pytest.approx([1e9] * 5, rel=1e-3)
    assert round_.metrics["scatter_rate"].values == pytest.approx([1e9] * 5, rel=1e-3)


@pytest.mark.parametrize(("huge", "asked"), [(500 * 8 * 4, True), (500 * 8 * 4 / 2, False), (0, False)])
def test_rates_are_of_pages_as_the_table_lies_in(run_round, monkeypatch, huge, asked):
    monkeypatch.setattr(table_alone, "huge_bytes", lambda: huge + table_alone.OWN_HUGE)
    run_round("TabledTrial", protocol=ALONE, **LAZY)
    assert huge_asked == [asked]


@pytest.mark.parametrize(("package", "measured"), [("numpy", True), ("torch", False)])
def test_rates_of_a_gpu_are_measured_where_the_contender_loads_what_measures_them(
    run_round, monkeypatch, package, measured
):
    monkeypatch.setitem(fake.DECLARES, "packages", ["numpy"])
    monkeypatch.setitem(table_alone.NEEDS, "cuda", package)
    round_ = run_round("TabledTrial", protocol=ALONE, device="cuda", **LAZY)
    assert round_.status == "ok", round_.reason
    assert ("cuda" in devices) == measured
    assert ("gather_rate" in round_.metrics) == ("scatter_rate" in round_.metrics) == measured
    assert "displaced_time" not in round_.metrics
