"""What profilers have in common."""

import random
from pathlib import Path

import pytest

from embbench.engines.profile import covered, recorded


def test_time_that_two_operations_share_counts_once():
    assert covered([]) == 0
    assert covered([(0, 2), (5, 6)]) == 3
    assert covered([(0, 4), (1, 2), (3, 6)]) == 6


def test_their_order_is_of_no_matter():
    spans = [(begin, begin + length) for begin, length in ((0, 3), (2, 2), (10, 1), (10, 4), (20, 0))]
    for _ in range(5):
        random.shuffle(spans)
        assert covered(spans) == 8


class Stepping:
    def __init__(self):
        self.calls = []

    def step(self):
        self.calls.append("step")

    def sync(self):
        self.calls.append("sync")


def test_the_message_of_the_steps_is_what_the_profiler_left():
    trial, places = Stepping(), []

    def stop():
        trial.calls.append("stop")
        (places[0] / "plugins").mkdir()
        (places[0] / "plugins" / "host.xplane.pb").write_bytes(b"message")

    assert recorded(lambda place: places.append(Path(place)), stop, trial, 3) == b"message"
    assert trial.calls == ["step", "step", "step", "sync", "stop"]
    assert not places[0].exists()


def test_a_profiler_is_stopped_where_a_step_fails():
    trial, stopped = Stepping(), []
    trial.step = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        recorded(lambda place: None, lambda: stopped.append(True), trial, 1)
    assert stopped
