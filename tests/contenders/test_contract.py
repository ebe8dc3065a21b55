"""The contract, for every file of the contenders' directory: each pair does what its class says."""

import functools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from embbench.contenders import Contender, discover
from tests.contenders.audit_all import pairs
from tests.fakes import fake


@functools.cache
def audits(path: str) -> dict[str, dict]:
    """By axes: the audit of each pair of one contender, from one process."""
    done = subprocess.run([sys.executable, "-m", "tests.contenders.audit_all", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {json.dumps(line["axes"]): line for line in lines}


CONTENDERS = [*discover().values(), discover([fake.__file__])["fake"]]
PAIRS = [(contender, axes) for contender in CONTENDERS for axes in pairs(contender.declaration)]


@pytest.mark.parametrize(
    ("contender", "axes"), PAIRS, ids=[f"{contender.name}-{'-'.join(axes.values())}" for contender, axes in PAIRS]
)
def test_it_does_what_it_declares(contender: Contender, axes: dict[str, str]):
    audit = audits(contender.path)[json.dumps(axes)]
    assert audit["passed"], audit["difference"]
    assert audit["checks"] > 20
    assert audit["max_error"] < {"float32": 1e-4, "float64": 1e-9}[axes["dtype"]]


def test_one_more_contender_is_one_file_more(tmp_path: Path):
    """Written anywhere, edited nowhere else: listed, audited and told of like those that are built in."""
    source = Path(discover()["numpy"].path).read_text(encoding="utf-8")
    path = tmp_path / "one_more.py"
    path.write_text(source.replace('"summary": "', '"summary": "one more: '), encoding="utf-8")
    contender = discover([str(path)])["one_more"]
    assert contender.declaration.summary.startswith("one more: ")
    for axes in pairs(contender.declaration):
        assert audits(str(path))[json.dumps(axes)]["passed"]


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
def test_it_says_what_ran(contender: Contender):
    for audit in audits(contender.path).values():
        assert audit["ran"]["lstm"] != "unknown"
        assert audit["ran"]["optimizer"]


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
def test_the_file_is_small(contender: Contender):
    assert len(Path(contender.path).read_text(encoding="utf-8").splitlines()) <= 250
