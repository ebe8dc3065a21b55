"""What disturbed a window becomes differences, and warnings that say what to do."""

import msgspec
import pytest

from embbench.host.load import Load
from embbench.worker.conditions import conditions, warnings

CALM = Load(
    faults=100,
    forced_switches=5,
    own_switches=7,
    processor=50.0,
    threads={"1": (20.0, 2.0), "2": (26.0, 2.0)},
    queue_wait=1.0,
    steal=2.0,
    pressure=3.0,
)


def window(**later) -> dict:
    return conditions(CALM, msgspec.structs.replace(CALM, **later), seconds=10.0, steps=50)


def codes(told: dict, samples=(1.0, 1.01, 0.99), threads=2, cpus=4) -> list[str]:
    return [warning.code for warning in warnings(told, samples, threads, cpus)]


def test_counters_become_differences():
    told = window(faults=160, forced_switches=6, queue_wait=1.5)
    assert (told["window"], told["steps"]) == (10.0, 50)
    assert (told["faults"], told["forced_switches"], told["queue_wait"], told["steal"]) == (60, 1, 0.5, 0.0)


def test_the_kernels_part_is_that_of_the_thread_that_was_busiest():
    assert window(threads={"1": (21.0, 5.0), "2": (26.5, 2.0), "3": (0.1, 0.1)})["kernel"] == 3.0


def test_a_thread_that_ended_leaves_no_negative_wait():
    assert window(queue_wait=0.2)["queue_wait"] == 0


def test_what_the_system_lacks_is_absent():
    bare = msgspec.structs.replace(CALM, steal=None, pressure=None, queue_wait=None, threads={})
    told = conditions(bare, bare, 1.0, 1)
    assert not {"steal", "pressure", "queue_wait", "kernel"} & told.keys()
    assert codes(told) == []


def test_a_calm_window_has_no_warning():
    assert codes(window()) == []


@pytest.mark.parametrize(("wait", "warned"), [(1.39, False), (1.41, True)])
def test_waiting_for_a_cpu_counts_per_thread(wait, warned):
    """2 % of 10 s for each of two threads."""
    assert (codes(window(queue_wait=wait)) == ["cpu-contention"]) == warned


@pytest.mark.parametrize(("used", "warned"), [(24.9, False), (25.1, True)])
def test_more_cpus_than_threads_are_told(used, warned):
    """10 s with 2 threads, and half a CPU for what dispatches."""
    assert (codes(window(processor=CALM.processor + used)) == ["threads-not-pinned"]) == warned


@pytest.mark.parametrize(("steal", "warned"), [(2.39, False), (2.41, True)])
def test_steal_counts_per_cpu(steal, warned):
    assert (codes(window(steal=steal)) == ["steal"]) == warned


def test_scattered_samples_are_told_and_two_are_too_few_to_tell():
    assert codes(window(), samples=(1.0, 1.3, 0.7, 1.2, 0.8)) == ["noisy"]
    assert codes(window(), samples=(1.0, 2.0)) == []


def test_every_warning_says_what_to_do():
    told = window(queue_wait=9.0, steal=9.0)
    for warning in warnings(told, (1.0, 2.0, 3.0), 1, 1):
        assert any(word in warning.text for word in ("stop", "measure again", "use more"))


def test_a_window_in_which_the_quota_stopped_the_group_warns_and_keeps_the_counts():
    calm = msgspec.structs.replace(CALM, quota_periods=100, quota_throttled=5, quota_seconds=0.5)
    for stopped, expected in ((0, []), (3, ["throttled-by-quota"])):
        later = msgspec.structs.replace(calm, quota_periods=140, quota_throttled=5 + stopped, quota_seconds=0.75)
        told = conditions(calm, later, seconds=10.0, steps=50)
        assert (told["quota_periods"], told["quota_throttled"], told["quota_seconds"]) == (40, stopped, 0.25)
        assert codes(told) == expected
