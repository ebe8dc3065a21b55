"""The committed baselines are what a gate may rest on: one for each machine and suite, whole, audited."""

from collections import Counter
from pathlib import Path

import pytest

from embbench.cases.case import case_id
from embbench.cases.suite import expand, load_suite
from embbench.store.baselines import check
from embbench.store.journal import read_rounds

ROOT = Path(__file__).parents[1] / "results" / "baselines"
FILES = sorted(ROOT.rglob("*.*"))


def name(path):
    return str(path.relative_to(ROOT))


def test_there_is_one():
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=name)
def test_it_lies_where_its_machine_and_suite_say(path):
    rounds, warnings = read_rounds([path])
    assert warnings == []
    assert {(str(line.machine["fingerprint"]), f"{line.suite}.jsonl") for line in rounds} == {
        (path.parent.name, path.name)
    }
    assert path.parent.parent == ROOT


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_gate_may_rest_on_it(path):
    rounds, _ = read_rounds([path])
    check(rounds, str(path))
    assert len({line.protocol for line in rounds}) == 1
    wanted = {case_id(case) for case in expand(load_suite(path.stem).blocks, {"threads": [rounds[0].case.threads]})}
    assert {line.case_id for line in rounds} == wanted
    numbers = Counter(line.case_id for line in rounds if line.status == "ok")
    assert min(numbers[name] for name in wanted) >= 5
