"""Audits share a process; one that dies or is edited is found out, and only what passed is remembered."""

from pathlib import Path

import pytest

from embbench.contenders import Contender, read
from tests.contenders.auditing import Auditing, Job, make_jobs, work_off
from tests.contenders.covering import pairs
from tests.contenders.remembered import Remembered
from tests.fakes import fake

DIES = {
    "sgd": "os.kill(os.getpid(), signal.SIGSEGV)",
    "momentum": "raise ValueError('no momentum here')",
    "adagrad": "sys.exit(3)",
}


class Cache:
    """What pytest's cache does, in memory."""

    def __init__(self):
        self.kept = {}

    def get(self, key, default):
        return self.kept.get(key, default)

    def set(self, key, value):
        self.kept[key] = value


def write(path: Path, body: str) -> Contender:
    declares = fake.DECLARES | {"tables": ["trainable"], "dtypes": ["float32"], "precisions": {}}
    updates = {"default": {name: {"semantic": "exact"} for name in ("sgd", "momentum", "adagrad")}}
    path.write_text(
        "import os, signal, sys\nfrom tests.fakes.fake import FakeTrial\n"
        f"DECLARES = {declares | {'updates': updates}!r}\n{body}"
    )
    return read(path)


PREPARE = "def prepare(case, tokens):\n    {}\n    return FakeTrial(case, tokens)\n"


@pytest.fixture
def done(tmp_path):
    """Works off audits: (job, what it told) of each."""

    def go(jobs):
        found = []
        work_off(jobs, tmp_path, lambda job, told: found.append((job, told)))
        return found

    return go


def test_what_dies_takes_only_its_own_audit_with_it(tmp_path, done):
    body = "".join(f"    if case.optimizer == {name!r}:\n        {how}\n" for name, how in DIES.items())
    dying = write(tmp_path / "dying.py", f"def prepare(case, tokens):\n{body}")
    fine = write(tmp_path / "fine.py", PREPARE.format("pass"))
    (sgd,) = [job for job in make_jobs(fine, pairs(fine.declaration)) if job.axes["optimizer"] == "sgd"]
    jobs = [*make_jobs(dying, pairs(dying.declaration)), sgd]
    found = done(jobs)
    assert [job for job, _ in found] == jobs
    crashes = [told.get("crash", "") for _, told in found]
    assert "ended with code -11" in crashes[0]
    assert "ValueError: no momentum here" in crashes[1]
    assert "ended with code 3" in crashes[2]
    assert found[-1][1]["passed"]


def test_a_file_that_does_not_load_is_tried_once(tmp_path, done):
    tried = tmp_path / "tried"
    broken = write(tmp_path / "broken.py", f"open({str(tried)!r}, 'a').write('x')\nraise ImportError('no such part')\n")
    found = done(make_jobs(broken, pairs(broken.declaration)))
    assert ["ImportError: no such part" in told["crash"] for _, told in found] == [True] * 3
    assert tried.read_text() == "x"


def sgd_of(contender: Contender) -> Job:
    (axes,) = [axes for axes in pairs(contender.declaration) if axes["optimizer"] == "sgd"]
    return Job(contender, axes, deep=False)


@pytest.fixture
def audit(tmp_path):
    """Audits a job with what a cache remembers: (audits run, audits remembered, what it told)."""

    def go(job, cache, failed=frozenset()):
        auditing = Auditing(tmp_path, Remembered(cache), 1)
        auditing.begin([job, job])
        told = auditing.result(job)
        auditing.end(set(failed))
        return auditing.run, auditing.recalled, told

    return go


def test_what_passed_is_remembered_until_something_changes(tmp_path, audit, monkeypatch):
    cache, path = Cache(), tmp_path / "edited.py"
    job = sgd_of(write(path, PREPARE.format("pass")))
    run, recalled, told = audit(job, cache)
    assert (run, recalled, told["passed"]) == (1, 0, True)
    assert {"embbench/oracle/step.py", "embbench/worker/audit.py", "tests/contenders/audit_all.py"} <= set(
        told["files"]
    )
    assert audit(job, cache) == (0, 1, told)
    edited = sgd_of(write(path, PREPARE.format("...")))
    assert audit(edited, cache)[:2] == (1, 0)
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    assert audit(edited, cache)[:2] == (1, 0)


def test_a_file_that_it_loaded_is_part_of_what_it_depends_on(tmp_path):
    (tmp_path / "tests").mkdir()
    part = tmp_path / "embbench" / "part.py"
    part.parent.mkdir()
    part.write_text("x = 1\n")
    contender, cache = write(tmp_path / "mine.py", PREPARE.format("pass")), Cache()
    remembered = Remembered(cache, tmp_path)
    remembered.keep("key", contender, {"passed": True, "files": ["embbench/part.py"]})
    remembered.save(set())
    assert Remembered(cache, tmp_path).recall("key", contender)
    part.write_text("x = 2\n")
    assert Remembered(cache, tmp_path).recall("key", contender) is None


def test_what_did_not_pass_or_failed_a_test_is_not_remembered(tmp_path, audit):
    wrong = PREPARE.replace(
        "return FakeTrial(case, tokens)", "trial = FakeTrial(case, tokens)\n    {}\n    return trial"
    )
    cache = Cache()
    job = sgd_of(write(tmp_path / "wrong.py", wrong.format("pass", "trial.loss = lambda: 0.5")))
    assert audit(job, cache)[2]["passed"] is False
    assert audit(job, cache)[:2] == (1, 0)
    job = sgd_of(write(tmp_path / "right.py", PREPARE.format("pass")))
    assert audit(job, cache, failed={"right"})[2]["passed"] is True
    assert audit(job, cache)[:2] == (1, 0)
