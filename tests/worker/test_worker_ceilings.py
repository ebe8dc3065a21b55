"""Ceilings on a virtual clock with scripted programs, and of this machine by the real kits."""

import pytest

from embbench.engines.ceiling_kits import make_kit
from embbench.engines.ceilings import Program
from embbench.host.machine import huge_page_mode
from embbench.host.memory import huge_bytes
from embbench.worker.ceilings import BLOCK, SIZES, measure, sweeps
from embbench.worker.clock import host_clock
from tests.fakes.clock import VirtualClock
from tests.fakes.kit import Scripted


def test_rates_are_those_of_the_script():
    clock = VirtualClock(reading=0)
    rates = list(measure(Scripted(clock, 1 << 40), clock))
    assert {rate.kind for rate in rates} == {"update", "write", "touch", "gather", "product"}
    assert [rate.size for rate in rates if rate.kind == "update"] == list(SIZES)
    for rate in rates:
        assert rate.values == pytest.approx([1e9] * 5, rel=1e-6)


def test_no_more_than_a_share_of_what_is_free_is_taken():
    clock = VirtualClock(reading=0)
    rates = list(measure(Scripted(clock, 4 * SIZES[2]), clock))
    assert max(rate.size for rate in rates if rate.kind != "product") == SIZES[2]


def test_a_sample_lasts_long_enough():
    clock = VirtualClock(reading=0)
    program = Program(lambda times: clock.advance(times * 1e-5), 1)
    assert sweeps(program, clock) * 1e-5 >= BLOCK


def test_the_kit_of_this_machine_does_what_it_says():
    kit = make_kit("cpu", 2)
    found = {**kit.streams(1 << 18), **kit.rows(1 << 18, 64, 32), **kit.products(16), **kit.touches(1 << 18)}
    assert set(found) == {"read", "write", "copy", "update", "touch", "gather", "scatter", "product"}
    for program in found.values():
        begin = host_clock()
        program.run(3)
        assert host_clock() > begin
        assert program.amount > 0


@pytest.mark.skipif(huge_page_mode() not in ("madvise", "always"), reason="this system gives no huge pages")
def test_memory_lies_in_huge_pages_where_asked():
    kit, before = make_kit("cpu", 2, huge=True), huge_bytes()
    kept = kit.rows(1 << 26, 1024, 32)  # with short rows the numbers of the rows are large enough for huge pages too
    assert huge_bytes() - before == pytest.approx(1 << 26, rel=0.1)
    assert kept
