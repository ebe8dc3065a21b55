"""Thresholds as users write them."""

import pytest

from embbench.cases.metrics import METRICS
from embbench.cases.thresholds import (
    check_thresholds,
    decidable,
    default_threshold,
    launched,
    parse_thresholds,
    with_defaults,
)
from embbench.errors import UsageError


def test_percent_and_plain_shares():
    assert parse_thresholds("step_time=5%, host_peak=.01", "--threshold") == {"step_time": 0.05, "host_peak": 0.01}
    assert parse_thresholds("", "--threshold") == {}
    assert check_thresholds({"step_time": 1e-5, "host_peak": 0}, "gate") == {"step_time": 1e-5, "host_peak": 0}


def test_later_layers_win_over_earlier_ones_and_any_over_the_default():
    told = with_defaults(
        ["step_time", "host_peak", "build_time"], {"step_time": 0.1, "host_peak": 0.2}, {"step_time": 0.03}
    )
    assert told == {"step_time": 0.03, "host_peak": 0.2, "build_time": default_threshold("build_time")}


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_that_is_judged_has_one(metric):
    known = METRICS[metric]
    if known.treatment.threshold is not None:
        assert 0 < default_threshold(metric) < 1
        assert decidable(metric) == known
        assert known.better in ("lower", "higher")
    else:
        assert known.kind == "workload" or metric == "update_cost"
        with pytest.raises(UsageError, match=metric):
            decidable(metric)


@pytest.mark.parametrize("metric", [name for name, known in METRICS.items() if known.unit == "s"])
def test_a_time_is_held_to_the_share_of_a_time(metric):
    assert default_threshold(metric) == default_threshold("step_time")
    assert METRICS[metric].treatment.assume == "sampled"


@pytest.mark.parametrize("metric", [name for name, known in METRICS.items() if known.unit == "B"])
def test_bytes_that_are_resident_scatter_and_others_are_what_they_are(metric):
    """A process has its pages where an allocator found room; what an allocator or arithmetic tells is exact."""
    assert default_threshold(metric) == default_threshold("host_peak")
    assert METRICS[metric].treatment.assume == ("sampled" if metric.startswith("host_") else "exact")


def test_what_is_made_of_resident_bytes_scatters_too():
    for metric in ("peak_ratio", "table_copies", "faults_per_step"):
        assert METRICS[metric].treatment.assume == "sampled"


@pytest.mark.parametrize("metric", ["build_time", "phase_update_table", "update_rate", "steps_to_loss"])
def test_what_only_a_worker_measures_that_is_alone_is_not_judged_where_two_take_turns(metric):
    with pytest.raises(UsageError, match=r"worker that runs alone.*valid: step_time, host_base"):
        launched(metric)
    assert launched("step_time").name == "step_time"


def test_bytes_are_held_to_less_than_a_per_cent():
    assert default_threshold("host_peak") < 0.01 < default_threshold("step_time")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("step_tme=5%", "did you mean 'step_time'"),
        ("step_time", "is not metric=share"),
        ("step_time=2,5%", "a comma separates thresholds: write 2.5%"),
        ("step_time=５%", "is no share"),
        ("step_time=five", "'five' is no share; write 5% or 0.05"),
        ("step_time=-5%", "is no share"),
        ("step_time=1200%", "is no share"),
        ("unique_rows=1%", "has no better direction"),
        ("update_cost=1%", "no round has it.*valid: step_time"),
    ],
)
def test_what_makes_no_sense_is_named(text, told):
    with pytest.raises(UsageError, match=told) as raised:
        parse_thresholds(text, "--threshold")
    assert str(raised.value).startswith("--threshold: ")
