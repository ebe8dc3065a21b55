"""Lies planted in the contender of README.md, each as a file that a real worker runs: found, or told; itself passes."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

import embbench.contenders
from embbench.cases.case import make_case
from embbench.cases.protocol import Protocol
from embbench.host.texts import read_text
from embbench.launch.process import environment
from embbench.store.exchange import Answer, Request
from tests.readme import EXAMPLE
from tests.worker.planted_changes import (
    CHILD,
    CLAMPED,
    CLOSED,
    CUT,
    DAEMON,
    HASHED,
    MADE_UP,
    NARROWED,
    RETAINED,
    SKIPPED,
    SUMMED,
    TOGETHER,
)

pytest.importorskip("torch")

SMALL = {"contender": "mine", "optimizer": "sgd", "dim": 32, "hidden": 32, "batch": 16, "seq": 32, "threads": 1}

LARGE = {"vocab": 2_000_000}  # a table of 256 MB, beside which what a framework loads with its first step is small


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """The round of a contender's file, by a worker with the program of the workers that `run` starts."""
    place = tmp_path_factory.mktemp("workers")
    forking = subprocess.Popen(
        [sys.executable, "-m", "tests.worker.forked_workers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(1, "cpu", str(place)),
    )

    def run(path, **axes):
        case = make_case({**SMALL, "vocab": 20_000, **axes})
        protocol = Protocol(preset="quick", rounds=1, budget=0.2)
        asked = Request(run="r", suite="s", case=case, round=0, protocol=protocol, contender=str(path))
        (place / "request").write_bytes(msgspec.json.encode(asked))
        answers = place / "answers"
        answers.write_bytes(b"")
        forking.stdin.write(f"{place / 'request'} {answers}\n")
        forking.stdin.flush()
        end_session(int(forking.stdout.readline()))
        return msgspec.json.decode(answers.read_bytes().splitlines()[-1], type=Answer).round

    with forking:
        yield run
        forking.stdin.close()


@pytest.fixture
def measured(tmp_path, worked):
    """The round of README's contender with some text of it replaced."""

    def run(*changes, **axes):
        code = EXAMPLE
        for change in changes:
            for old, new in change.items():
                assert code.count(old) == 1, old
                code = code.replace(old, new)
        path = tmp_path / "mine.py"
        path.write_text(code, encoding="utf-8")
        return worked(path, **axes)

    return run


@pytest.fixture(scope="module")
def original(tmp_path_factory, worked):
    """The round of README's contender as it stands."""
    path = tmp_path_factory.mktemp("original") / "mine.py"
    path.write_text(EXAMPLE, encoding="utf-8")
    return worked(path)


def end_session(leader):
    """What a contender started and left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def codes(round_):
    return {warning.code for warning in round_.warnings}


def test_the_original_passes_whole(original):
    assert (original.status, original.reason) == ("ok", None)
    assert not codes(original) & {"audit-in-part", "memory-grows", "children"}
    assert original.metrics["host_growth"].values == (0.0,)


def test_the_original_without_inspect_passes_in_part(measured):
    round_ = measured(CLOSED)
    assert (round_.status, round_.reason) == ("ok", None)
    assert "audit-in-part" in codes(round_)


@pytest.mark.parametrize(
    "changes",
    [(CLAMPED,), (CLAMPED, CLOSED), (SKIPPED,), (SKIPPED, CLOSED), (CUT,)],
    ids=["clamped", "clamped, closed", "skipped", "skipped, closed", "cut"],
)
def test_what_trains_otherwise_is_invalid(measured, changes):
    assert measured(*changes).status == "invalid"


def test_ids_of_16_bits_are_invalid(measured):
    assert measured(NARROWED, vocab=70_000).status == "invalid"


@pytest.mark.parametrize(
    ("changes", "axes", "least", "most"),
    [
        (SUMMED, {}, 2_000, 50_000),
        (SUMMED, {"dim": 128, "hidden": 128, "batch": 32, "seq": 64}, 2_000, 50_000),
        (RETAINED, {}, 20_000, 10_000_000),
    ],
    ids=["what backward leaves of it", "what backward leaves of it, by default sizes", "retained"],
)
def test_a_graph_a_step_is_told_with_its_bytes(measured, changes, axes, least, most):
    """A loss that is summed without detaching. Of its graph, backward frees the large arrays and leaves some kB."""
    round_ = measured(changes, **axes)
    assert "memory-grows" in codes(round_)
    assert least < round_.metrics["host_growth"].values[0] < most


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="the system does not tell of a process's own")
def test_a_child_that_holds_memory_is_in_the_peaks_and_told(measured):
    round_ = measured(CHILD)
    assert round_.status == "ok", round_.reason
    assert round_.metrics["host_peak"].values[0] > 600e6
    assert "children" in codes(round_)


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="the system does not tell of a process's own")
def test_a_daemon_that_left_the_session_is_in_the_peaks_and_ended(measured, tmp_path):
    round_ = measured(DAEMON)
    assert round_.status == "ok", round_.reason
    assert round_.metrics["host_peak"].values[0] > 600e6
    assert "children" in codes(round_)
    daemon = int((tmp_path / "mine.py.pid").read_text())
    with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):  # a zombie never ends for this process
        psutil.Process(daemon).wait(5)
    assert not psutil.pid_exists(daemon) or psutil.Process(daemon).status() == psutil.STATUS_ZOMBIE


@pytest.mark.skipif("Pss_Shmem" not in read_text(Path("/proc/self/smaps_rollup")), reason="the system does not tell it")
def test_what_children_have_together_is_counted_once(measured, original):
    round_ = measured(TOGETHER)
    assert round_.status == "ok", round_.reason
    alone = original.metrics["host_peak"].values[0]
    assert 450e6 < round_.metrics["host_peak"].values[0] - alone < 600e6
    assert "children" in codes(round_)


def test_a_table_that_is_resident_as_a_whole_passes(measured):
    round_ = measured(**LARGE)
    assert (round_.status, round_.reason) == ("ok", None)


def test_a_tenth_of_the_rows_under_a_hash_is_invalid(measured):
    assert measured(HASHED, **LARGE).status == "invalid"


def test_a_tenth_of_the_rows_is_invalid_for_its_bytes_where_each_row_that_is_read_is_right(measured):
    round_ = measured(MADE_UP, **LARGE)
    assert round_.status == "invalid"
    assert round_.reason.startswith("the table is not resident as a whole")


@pytest.mark.parametrize(
    ("contender", "axes"),
    [
        ("numpy", {}),
        ("numpy", {"update": "sparse", "optimizer": "adam", "vocab": 500_000}),
        ("pytorch", {}),
        ("pytorch", {"optimizer": "adam"}),
        ("pytorch", {"update": "sparse", "optimizer": "adam"}),
        ("pytorch", {"update": "compact", "optimizer": "adam", "vocab": 500_000}),
        ("pytorch", {"update": "compact", "optimizer": "adam", "table": "hybrid"}),
    ],
    ids=str,
)
def test_no_built_in_contender_grows(worked, contender, axes):
    round_ = worked(Path(embbench.contenders.__file__).parent / f"{contender}.py", contender=contender, **axes)
    assert (round_.status, round_.reason) == ("ok", None)
    assert "memory-grows" not in codes(round_)
    assert round_.metrics["host_growth"].values == (0.0,)
