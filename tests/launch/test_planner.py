"""A framework's own planner is asked in a process of its own, which may fail in its own ways."""

import os

import pytest

from embbench.cases.case import make_case
from embbench.contenders import discover
from embbench.launch import planner
from embbench.launch.planner import ask_planner

CASES = [make_case({"contender": "own", "ranks": ranks, "batch": 8, "vocab": 1000, "dim": 4}) for ranks in (2, 4)]

SOURCE = """
from embbench.cases.contender import Planned, Unsupported

DECLARES = {{
    "summary": "a planner of its own",
    "packages": {packages},
    "updates": {{"default": {{"adam": "dense"}}}},
    "spread": "rows",
    "planner": "Its planner",
}}


def planned(case, memory, link):
    print("a planner that prints")
    {body}
"""
ANSWERS = "return Planned(case.vocab * case.dim * 4 / case.ranks, 1 / memory + case.ranks / link)"


@pytest.fixture
def contender(tmp_path):
    def make(body=ANSWERS, packages=()):
        path = tmp_path / "own.py"
        path.write_text(SOURCE.format(body=body, packages=list(packages)))
        return discover([str(path)])["own"]

    return make


def test_each_case_has_its_estimate_from_the_given_rates(contender):
    answers = ask_planner(contender(), CASES, memory=2.0, link=4.0)
    assert [(each.planned.bytes, each.planned.seconds) for each in answers] == [(8000.0, 1.0), (4000.0, 1.5)]


def test_a_case_that_the_planner_refuses_says_why(contender):
    body = f"if case.ranks == 4: raise Unsupported('no plan for four')\n    {ANSWERS}"
    first, second = ask_planner(contender(body), CASES, 2.0, 4.0)
    assert first.planned.bytes == 8000.0
    assert (second.planned, second.why) == (None, "no plan for four")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("raise ValueError('broken')", "ValueError: broken"),
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL"),
        ("return 3", "its answer cannot be read"),
    ],
    ids=["fails", "dies", "answers something else"],
)
def test_a_planner_that_breaks_breaks_nothing_else(contender, body, why):
    answers = ask_planner(contender(body), CASES, 2.0, 4.0)
    assert [each.planned for each in answers] == [None, None]
    assert all(why in each.why for each in answers), answers


def test_a_planner_that_never_answers_is_ended(contender, monkeypatch, tmp_path):
    monkeypatch.setattr(planner, "LONGEST", 2.0)
    body = f"import os, signal; open({str(tmp_path / 'id')!r}, 'w').write(str(os.getpid())); signal.pause()"
    answers = ask_planner(contender(body), CASES, 2.0, 4.0)
    assert answers[0].why == "no answer within 2 s"
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "id").read_text()), 0)


def test_a_planner_that_is_not_installed_names_the_command(contender):
    answers = ask_planner(contender(packages=["no-such-package"]), CASES, 2.0, 4.0)
    assert [each.planned for each in answers] == [None, None]
    assert "pip install no-such-package" in answers[0].why
