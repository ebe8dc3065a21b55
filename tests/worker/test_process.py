"""The worker as a real process: clean replies whatever a contender prints, and a status for every way to fail."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.cases.case import make_case
from embbench.cases.protocol import Protocol
from embbench.host.code import digest
from embbench.host.machine import machine_facts
from embbench.store.exchange import Answer, Entered, Finished, Request
from embbench.store.round import Code
from tests.fakes import fake

HEAD = f"DECLARES = {fake.DECLARES!r}\nfrom tests.fakes.fake import FakeTrial\n"
SMALL = {"vocab": 500, "dim": 8, "hidden": 8, "batch": 4, "seq": 6, "threads": 1}


@pytest.fixture
def request_line(tmp_path: Path):
    def line(body: str, **told: bool) -> bytes:
        path = tmp_path / "mine.py"
        path.write_text(HEAD + body)
        case = make_case({**SMALL, "contender": "mine"})
        protocol = Protocol(budget=0.01, warmup=0.01, **told)
        asked = Request(run="r", suite="s", case=case, round=3, protocol=protocol, contender=str(path))
        return msgspec.json.encode(asked)

    return line


def start() -> subprocess.Popen:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-m", "embbench.worker"], stdin=pipe, stdout=pipe, stderr=pipe)


def answers(line: bytes) -> tuple[list[Answer], str]:
    out, error = start().communicate(line)
    return [msgspec.json.decode(reply, type=Answer) for reply in out.splitlines()], error.decode()


def finished(line: bytes):
    return answers(line)[0][-1].round


def test_phases_come_in_order_and_the_round_last(request_line):
    told, _ = answers(request_line("def prepare(case, tokens): return FakeTrial(case, tokens)"))
    assert isinstance(told[-1], Finished)
    assert (told[-1].round.status, told[-1].round.reason) == ("ok", None)
    assert told[-1].round.round == 3
    phases = [answer.phase for answer in told if isinstance(answer, Entered)]
    assert phases == ["import", "build", "first step", "warm-up", "measure", "audit"]


def test_what_is_checked_and_watched_already_is_not_again(request_line):
    line = request_line("def prepare(case, tokens): return FakeTrial(case, tokens)")
    first = finished(line)
    asked = msgspec.structs.replace(msgspec.json.decode(line, type=Request), checked=True, watched=True)
    told, _ = answers(msgspec.json.encode(asked))
    phases = [answer.phase for answer in told if isinstance(answer, Entered)]
    assert phases[-2:] == ["audit", "end"]
    assert (first.audit.passed, told[-1].round.audit) == (True, None)
    assert ("host_growth" in first.metrics, "host_growth" in told[-1].round.metrics) == (True, False)
    assert first.conditions["once_seconds"] > 0


def test_a_step_is_taken_apart_between_what_is_audited_of_it_and_the_audit_in_small(request_line):
    body = "class Trial(FakeTrial):\n    def parts(self): return {}\n"
    told, _ = answers(request_line(body + "def prepare(case, tokens): return Trial(case, tokens)", phases=True))
    phases = [answer.phase for answer in told if isinstance(answer, Entered)]
    assert phases[-3:] == ["audit", "phases", "audit"]


@pytest.mark.parametrize(
    ("error", "reason"), [("ValueError('a second')", "ValueError: a second"), ("Unsupported('a second')", "a second")]
)
def test_a_reference_that_cannot_be_built_loses_nothing_that_was_measured(request_line, error, reason):
    body = "from embbench.cases.contender import Unsupported\n"
    body += "def prepare(case, tokens):\n"
    body += f"    if case.vocab == 700: raise {error}\n    return FakeTrial(case, tokens)"
    asked = msgspec.json.decode(request_line(body), type=Request)
    other = msgspec.structs.replace(asked.case, vocab=700)
    told, _ = answers(msgspec.json.encode(msgspec.structs.replace(asked, reference=other)))
    round_ = told[-1].round
    assert [answer.phase for answer in told if isinstance(answer, Entered)][-1] == "turns"
    assert (round_.status, round_.audit.passed) == ("ok", True)
    assert round_.conditions["turns"] == f"not measured: {reason}"
    assert "phase" not in round_.conditions
    usual = finished(msgspec.json.encode(msgspec.structs.replace(asked, reference=asked.case)))
    assert len(usual.metrics["turn_time"].values) == len(usual.metrics["reference_time"].values) > 0


def test_banners_cannot_corrupt_a_reply(request_line):
    body = "import os\nprint('banner')\nos.write(1, b'raw banner\\n')\n"
    told, error = answers(request_line(body + "def prepare(case, tokens): return FakeTrial(case, tokens)"))
    assert told[-1].round.status == "ok"
    assert "banner" in error
    assert "raw banner" in error


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("def prepare(case, tokens): raise ValueError('first line\\nsecond')", "crash", "ValueError: first line"),
        ("import nowhere_to_be_found", "unsupported", "does not import: ModuleNotFoundError"),
        ("def prepare(case, tokens): raise MemoryError", "oom_host", "MemoryError"),
        (
            "def prepare(case, tokens): raise RuntimeError('DefaultAllocator: can\\'t allocate memory: you tried')",
            "oom_host",
            "allocate memory",
        ),
        (
            "from embbench.cases.contender import Skip\ndef prepare(case, tokens): raise Skip('too absurd')",
            "skipped",
            "too absurd",
        ),
        (
            "from embbench.cases.contender import Unsupported\ndef prepare(case, tokens): raise Unsupported('no GPU')",
            "unsupported",
            "no GPU",
        ),
        ("def prepare(case, tokens): return None", "crash", "AttributeError"),
        ("", "crash", "prepare"),
    ],
)
def test_every_failure_has_its_status_and_reason(request_line, body, status, reason):
    round_ = finished(request_line(body))
    assert round_.status == status
    assert reason in round_.reason
    assert "\n" not in round_.reason
    assert "step_time" not in round_.metrics


def test_what_an_exception_says_is_told_up_to_a_length(request_line):
    round_ = finished(request_line("def prepare(case, tokens): raise ValueError('x' * 5_000_000)"))
    assert (round_.status, round_.reason) == ("crash", f"ValueError: {'x' * 500}... (5000000 characters)")


@pytest.mark.parametrize("said", ["'a' + 1", "5"])
def test_an_exception_that_cannot_say_what_it_is_is_a_crash_by_its_kind(request_line, said):
    body = f"class Odd(Exception):\n    def __str__(self): return {said}\n"
    round_ = finished(request_line(body + "def prepare(case, tokens): raise Odd"))
    assert (round_.status, round_.reason) == ("crash", "Odd: <exception str() failed>")


def test_what_was_measured_before_a_crash_is_kept(request_line):
    body = "class Trial(FakeTrial):\n    def step(self): raise OSError('device lost')\n"
    round_ = finished(request_line(body + "def prepare(case, tokens): return Trial(case, tokens)"))
    assert (round_.status, round_.reason) == ("crash", "OSError: device lost")
    assert {"import_time", "build_time", "host_build_peak"} <= round_.metrics.keys()
    assert round_.conditions["phase"] == "first step"


def test_a_real_allocation_beyond_any_machine_is_out_of_memory(request_line):
    body = "import numpy\ndef prepare(case, tokens): return numpy.ones(2**62, dtype='int8')"
    assert finished(request_line(body)).status == "oom_host"


def test_a_round_tells_the_modules_that_it_loaded_measured_or_not(request_line, tmp_path):
    helper = tmp_path / "beside.py"
    helper.write_text("X = 1\n")
    body = "import beside\ndef prepare(case, tokens): {}\n"
    for what, status in (("return FakeTrial(case, tokens)", "ok"), ("raise OSError('gone')", "crash")):
        round_ = finished(request_line(body.format(what)))
        assert round_.status == status
        assert round_.loaded.code["beside"] == Code("beside.py", digest(helper.read_bytes()))


def test_the_machine_is_the_one_before_a_library_bound_the_process_to_a_cpu(request_line):
    # As PyTorch's OpenMP does where OMP_PROC_BIND is set.
    bind = "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
    round_ = finished(request_line(f"{bind}def prepare(case, tokens): return FakeTrial(case, tokens)"))
    assert {name: round_.machine[name] for name in ("cpus", "fingerprint")} == {
        name: machine_facts()[name] for name in ("cpus", "fingerprint")
    }


def test_an_edit_between_two_rounds_of_one_run_makes_two_results(request_line, tmp_path):
    helper, rounds = tmp_path / "beside.py", []
    for text in ("X = 1\n", "X = 2\n"):
        helper.write_text(text)
        line = request_line("import beside\ndef prepare(case, tokens): return FakeTrial(case, tokens)\n")
        rounds.append(msgspec.structs.replace(finished(line), round=len(rounds)))
    assert len({line.software["contender"] for line in rounds}) == 1
    assert [len(result.rounds) for result in collapse(rounds)] == [1, 1]


def test_a_round_carries_what_its_contender_declares_even_where_it_crashes(request_line):
    honest = finished(request_line("def prepare(case, tokens): return FakeTrial(case, tokens)"))
    crashed = finished(request_line("def prepare(case, tokens): raise RuntimeError('no')"))
    assert crashed.status == "crash"
    path = fake.DECLARES["updates"]["default"]["adam"]
    assert honest.declared == crashed.declared
    assert (honest.declared.semantic, honest.declared.packages) == (path["semantic"], ())
    assert honest.declared.copies == path.get("copies", 1.0)
    assert honest.declared.change == fake.DECLARES.get("changes", {}).get("default", "")
