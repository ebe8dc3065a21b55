"""From suite to table in one process: scripted costs on a virtual clock come out as the numbers of the report."""

import msgspec
import pytest

from embbench.cases.plan import make_plan
from embbench.cases.suite import load_suite
from embbench.contenders import discover
from embbench.launch.origin import find_origin
from embbench.launch.preflight import FreeMemory
from embbench.launch.runner import Work, carry_out
from embbench.report.assemble import build
from embbench.store.journal import Journal, read_rounds
from embbench.worker.recorder import Recorder
from embbench.worker.round import do_round
from tests.fakes import fake
from tests.fakes.clock import CLOCK
from tests.written import render

SUITE = """
title = "scripted"
[axes]
contender = "fake"
vocab = "2k,20k"
dim = 4
hidden = 4
batch = 4
seq = 6
[[cases]]
table = "frozen"
[[cases]]
update = ["default", "sparse"]
[[cases]]
update = "sparse"
optimizer = "adamw"
[protocol]
rounds = 2
budget = 0.04
warmup = 0.01
[report]
row = "optimizer,vocab"
"""


class Here:
    """Does rounds in this process, on the virtual clock."""

    def execute(self, request, timeout, on_phase):
        return do_round(Recorder(request, on_phase, CLOCK))


class Silent:
    def begin(self, visit): ...
    def phase(self, name): ...
    def end(self, round_): ...
    def note(self, text): ...


@pytest.fixture(scope="module")
def tmp_path(tmp_path_factory):
    return tmp_path_factory.mktemp("pipeline")


@pytest.fixture(scope="module")
def report(tmp_path):
    (tmp_path / "scripted.toml").write_text(SUITE)
    suite = load_suite(str(tmp_path / "scripted.toml"))
    plan = make_plan(suite, {}, {}).resolve(1)
    contenders = {"fake": discover([fake.__file__])["fake"]}
    work = Work("run", plan, contenders, find_origin(contenders), FreeMemory(host=lambda: 10**10))
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        outcome = carry_out(work, journal, Here(), Silent(), clock=lambda: CLOCK.now / 1e9)
    assert outcome.started == 12
    rounds, warnings = read_rounds([path])
    assert not warnings
    assert tuple(rounds) == outcome.rounds
    return build(rounds, suite.view, title=suite.title, order=plan.cases)


def test_the_table_says_what_was_scripted(report):
    cells = {row.values: [cell.summary and cell.summary.center for cell in row.cells] for row in report.tables[0].rows}
    assert cells["adam", 2_000] == pytest.approx([1e-3, 1.2e-3, 1e-3], rel=1e-4)
    assert cells["adam", 20_000] == pytest.approx([1e-3, 3e-3, 1e-3], rel=1e-4)
    assert cells["adamw", 2_000] == [None, None, None]
    assert [column.semantic for column in report.tables[0].columns] == ["frozen ✓", "dense ✓", "lazy ✓"]


def test_ratios_are_those_of_the_script(report):
    row = next(row for row in report.tables[0].rows if row.values == ("adam", 20_000))
    frozen, default, sparse = (cell.against for cell in row.cells)
    assert default is None
    assert (frozen.center, sparse.center) == pytest.approx((1 / 3, 1 / 3), rel=1e-4)


def test_the_answer_is_that_of_the_script(report):
    text = " ".join(report.answer)
    assert "takes 2.50 times as long at 20k rows as at 2k rows (3.00 ms and 1.20 ms)" in text
    assert "a frozen table takes 1.00 ms, 3.00 times as fast as trainable default" in text
    assert "This is another training: lazy (" in text


def test_the_reason_of_what_has_no_number_is_told(report):
    assert "nobody wrote it" in render(report, "text", width=200)


def test_every_line_stands_alone(report, tmp_path):
    lines = (tmp_path / "journal.jsonl").read_text().splitlines()
    one = msgspec.json.decode(lines[0])
    assert {"case", "protocol", "machine", "software", "suite", "schema", "crc32"} <= one.keys()
