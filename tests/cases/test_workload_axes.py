"""Axes that workloads add: read from their files, and refused where a workload has no such axis."""

import shutil
import subprocess
import sys

import pytest

from embbench.cases import case as case_room
from embbench.cases.case import AXES, Case, make_case
from embbench.cases.workload_axes import AXES_OF, WORKLOAD_AXES
from embbench.cases.workload_files import WORKLOADS
from embbench.errors import UsageError
from embbench.workloads import workloads

HEADS = '"heads": {"default": 4, "help": "Heads of attention.", "unit": "head", "training": 2}'


def test_every_workload_is_read():
    assert AXES_OF.keys() == workloads().keys()
    assert AXES_OF["classifier"].keys() == {"hidden", "layers", "trainable_dim"}


def test_the_axes_of_a_network_stand_between_those_of_table_and_batch():
    assert AXES[AXES.index("hidden") :][:2] == ("hidden", "layers")
    assert AXES.index("dim") < AXES.index("hidden") < AXES.index("batch")
    assert set(AXES[AXES.index("dim") + 1 : AXES.index("batch")]) == {*WORKLOAD_AXES}
    assert (Case().hidden, Case().layers) == (128, 1)


def test_a_workload_without_the_axis_refuses_it(monkeypatch):
    monkeypatch.setitem(case_room.AXES_OF, "tagger", {"hidden": AXES_OF["tagger"]["hidden"]})
    assert make_case({"workload": "tagger", "hidden": 8, "layers": 1}).hidden == 8
    with pytest.raises(UsageError, match="layers: the workload tagger has no such axis"):
        make_case({"workload": "tagger", "layers": 2})
    assert make_case({"workload": "of another version", "layers": 2}).layers == 2


def test_a_workload_with_an_axis_of_its_own_is_one_file(tmp_path):
    """In a copy of embbench: the axis is a flag, an axis of a case and of its name in results."""
    shutil.copytree(WORKLOADS.parent, tmp_path / "embbench", ignore=shutil.ignore_patterns("__pycache__"))
    place = tmp_path / "embbench" / "workloads"
    text = (place / "tagger.py").read_text(encoding="utf-8").replace("import AXES, PARTS", "import PARTS")
    (place / "attentive.py").write_text(f"{text}\n\nAXES = {{{HEADS}}}\n", encoding="utf-8")
    code = (
        "from embbench.cases.case import make_case, case_id; from embbench import wire;"
        "print(make_case({'workload': 'attentive', 'heads': 2}).heads, case_id(make_case({'heads': 4})));"
        "from embbench.cli import main; main(['plan', '--help'])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("2 44136fa355\n"), "lines without the axis keep their ids"
    assert "--heads N" in ran.stdout
    assert "Heads of attention." in ran.stdout


def test_a_workload_refuses_the_common_axes_that_it_does_not_have():
    assert make_case({"workload": "inference"}).optimizer == Case().optimizer
    with pytest.raises(UsageError, match="optimizer: the workload inference has no such axis"):
        make_case({"workload": "inference", "optimizer": "sgd"})


def test_the_only_kind_of_table_of_a_workload_need_not_be_given():
    assert make_case({"workload": "inference"}).table == "frozen"
    with pytest.raises(UsageError, match="table: trainable: the workload inference has frozen"):
        make_case({"workload": "inference", "table": "trainable"})
    with pytest.raises(UsageError, match="table: none: the workload classifier has frozen, trainable"):
        make_case({"table": "none"})


def test_an_axis_of_text_has_the_values_of_its_workload():
    with pytest.raises(UsageError, match="way: unknown value 'predicts'"):
        make_case({"workload": "inference", "way": "predicts"})
