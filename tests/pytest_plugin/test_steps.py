"""A trial in pytest's own process is audited as a worker audits it."""

from types import SimpleNamespace

import pytest

from embbench.cases.case import make_case
from embbench.cases.protocol import PRESETS
from embbench.contenders import read
from embbench.pytest_plugin.steps import check_in_process
from tests.fakes import fake

PLAN = SimpleNamespace(sources={}, protocol=PRESETS["quick"])
SMALL = {"contender": "fake", "vocab": 500, "dim": 8, "hidden": 8, "batch": 4, "seq": 6, "threads": 1}


def contender(tmp_path, trial):
    path = tmp_path / "fake.py"
    path.write_text(
        f"from tests.fakes.halves import {trial}\nDECLARES = {fake.DECLARES!r}\n"
        f"def prepare(case, tokens):\n    return {trial}(case, tokens)\n"
    )
    return read(path)


def test_a_table_of_16_bits_is_not_accused_of_its_own_precision(tmp_path):
    case = make_case({**SMALL, "update": "bfloat16", "optimizer": "sgd"})
    assert check_in_process(contender(tmp_path, "HalfTrial"), case, PLAN).steps > 0
    with pytest.raises(pytest.fail.Exception, match="invalid: ") as failure:
        check_in_process(contender(tmp_path, "OffByTwoPercent"), case, PLAN)
    assert "may be stored in" not in failure.value.msg
