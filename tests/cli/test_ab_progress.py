"""What an A/B shows of itself while it goes by."""

import io

import msgspec
import pytest

from embbench.cli.ab_progress import LaunchProgress
from tests.made_up import case, failed, measured, values


@pytest.fixture
def shown():
    stream = io.StringIO()

    def end(base, head):
        LaunchProgress(stream).end(None, (base, head))
        return stream.getvalue()

    return end


def step(*samples):
    (made,) = measured(case(), [0.1])
    return msgspec.structs.replace(made, metrics={**made.metrics, "step_time": values("step_time", *samples)})


def test_a_launch_is_told_by_its_ratio(shown):
    assert shown(step(0.1, 0.1), step(0.12, 0.12)) == "  step 100 ms and 120 ms, ×1.200\n"


def test_a_clock_that_goes_back_is_told(shown):
    assert shown(step(0.1, 0.1), step(0.1, -0.1)).endswith("the clock went back\n")


def test_a_side_without_a_number_says_why(shown):
    assert shown(step(0.1, 0.1), failed(case(), "crash", "signal 11")) == "  base ok; head crash: signal 11\n"
