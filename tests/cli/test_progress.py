"""What a run shows of itself, on a terminal and elsewhere."""

import errno
import io
import threading

import msgspec
import pytest
from rich.text import Text

from embbench.cases.case import Case, label
from embbench.cli.progress import PlainProgress, StepTimes, beginning, time_left
from embbench.cli.progress_choice import make_progress
from embbench.cli.safe_stderr import Unfailing
from embbench.launch.runner import Visit


class Terminal(io.StringIO):
    def isatty(self):
        return True


def visit(case, number=1):
    return Visit(case=case, name=label(case), round=0, rounds=2, number=number, total=2, seconds_left=90.0)


@pytest.fixture
def scene(make_round):
    """A run of two rounds, as an observer is told of it."""

    def play(progress):
        good, bad = Case(vocab=1000), Case(vocab=2000)
        with progress:
            progress.begin(visit(good))
            progress.phase("warm-up")
            progress.phase("measure")
            progress.end(make_round(good, 0.02))
            progress.begin(visit(bad, 2))
            progress.end(make_round(bad, status="crash", reason="killed by\nSIGSEGV"))
            progress.note("given up")

    return play


def test_plain_lines(scene):
    stream = io.StringIO()
    scene(make_progress([], stream=stream))
    assert stream.getvalue() == (
        "[1/2] pytorch trainable default adam vocab=1k · round 1/2 · about 2 min left\n"
        "  step 20.0 ms\n"
        "[2/2] pytorch trainable default adam vocab=2k · round 1/2 · about 2 min left\n"
        "  pytorch trainable default adam vocab=2k: crash: killed by SIGSEGV\n"
        "  given up\n"
    )


def test_live_line_without_a_thread(scene, make_round, monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("TERM", "xterm")
    stream, threads = Terminal(), threading.active_count()
    started = []
    monkeypatch.setattr(threading.Thread, "start", started.append)
    scene(make_progress([make_round(Case(vocab=1000), 0.03)], stream=stream))
    text = stream.getvalue()
    assert (
        "[1/2] pytorch trainable default adam vocab=1k · round 1/2 · measuring · step 30.0 ms so far · about 2" in text
    )
    assert "pytorch trainable default adam vocab=1k · round 1 · step 25.0 ms" in text
    assert "crash: killed by SIGSEGV" in text
    assert "given up" in text
    assert started == []
    assert threading.active_count() == threads


def test_nothing_is_drawn_while_the_first_samples_are_taken(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with make_progress([], stream=stream) as progress:
        progress.begin(visit(Case()))
        progress.phase("warm-up")
        drawn = stream.getvalue()
        progress.phase("measure")
        assert stream.getvalue() == drawn


class Known:
    """Stands in for SoFar: a line, and a table of as many lines as rounds are known."""

    def __init__(self):
        self.rounds = []

    def add(self, round_):
        self.rounds.append(round_)

    def line(self):
        return f"{len(self.rounds)} of 10 times within ±30%" if self.rounds else ""

    def tables(self, width, height):
        return [Text(f"row {number} of {height}") for number in range(len(self.rounds))][:height]


def test_a_log_tells_once_a_minute_what_is_known_so_far(make_round):
    stream, now = io.StringIO(), [0.0]
    progress = PlainProgress(StepTimes([]), stream, Known(), clock=lambda: now[0])
    for seconds in (0.0, 61.0, 100.0, 119.0, 122.0):
        now[0] = seconds
        progress.begin(visit(Case()))
        progress.end(make_round())
    told = [line for line in stream.getvalue().splitlines() if line.startswith("so far")]
    assert told == [
        "so far 1 of 10 times within ±30%; 2 min left",
        "so far 4 of 10 times within ±30%; 2 min left",
    ]


def test_a_log_says_nothing_of_no_numbers():
    stream, now = io.StringIO(), [0.0]
    progress = PlainProgress(StepTimes([]), stream, Known(), clock=lambda: now[0])
    now[0] = 100.0
    progress.begin(visit(Case()))
    assert "so far" not in stream.getvalue()


def test_a_terminal_has_the_tables_above_the_line_and_redraws_none_while_a_worker_measures(make_round, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("LINES", "20")
    stream, known = Terminal(), Known()
    with make_progress([], stream=stream, so_far=known) as progress:
        progress.begin(visit(Case()))
        assert "row 0" not in stream.getvalue()
        progress.end(make_round())
        progress.begin(visit(Case(), 2))
        shown = stream.getvalue()
        assert shown.rindex("row 0 of 18") < shown.rindex("[2/2] pytorch")
        progress.phase("measure")
        assert stream.getvalue() == shown
    assert known.rounds == [make_round()]


def test_where_nobody_knows_of_how_many_only_the_number_is_told():
    open_end = msgspec.structs.replace(visit(Case(vocab=1000), 12), round=2, rounds=0, total=0)
    assert beginning(open_end) == "[12] pytorch trainable default adam vocab=1k · round 3"


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_a_lost_terminal_makes_it_silent(scene, monkeypatch, term):
    class Lost(Terminal):
        def write(self, text):
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setenv("TERM", term)
    scene(make_progress([], stream=Unfailing(Lost())))


def test_dumb_terminals_get_plain_lines(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(make_progress([], stream=Terminal()), PlainProgress)


def test_step_times_are_the_median_of_the_rounds_medians(make_round):
    times = StepTimes([make_round(seconds=0.010), make_round(seconds=0.030), make_round(seconds=0.020)])
    times.add(make_round(status="crash"))
    assert times.text(make_round().case_id) == "step 20.0 ms"
    assert times.text("unknown") == ""


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "1 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (9000, "2.5 h")]
)
def test_time_left_is_as_exact_as_an_estimate_deserves(seconds, text):
    assert time_left(seconds) == f"about {text} left"
