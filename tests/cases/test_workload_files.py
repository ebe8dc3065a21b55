"""Literals of workload files are read without executing them."""

import pytest

from embbench.cases.workload_axes import WorkloadAxis
from embbench.cases.workload_files import read_literals

HEADS = '"heads": {"default": 4, "help": "Heads of attention.", "unit": "head", "training": 2}'


def read(directory):
    return read_literals("AXES", "axis", WorkloadAxis, directory)


def test_files_are_read_and_not_executed(tmp_path):
    (tmp_path / "one.py").write_text(f"import no_such_module\nAXES = {{{HEADS}}}\n")
    (tmp_path / "two.py").write_text("")
    (tmp_path / "_shared.py").write_text('AXES = {"other": {"default": 1, "help": ""}}\n')
    heads = WorkloadAxis(default=4, help="Heads of attention.", unit="head", training=2)
    assert read(tmp_path) == {"one": {"heads": heads}, "two": {}}


def test_a_literal_may_be_imported_from_another_file(tmp_path):
    (tmp_path / "_shared.py").write_text(f"AXES = {{{HEADS}}}\nPARTS = {{}}\n")
    (tmp_path / "one.py").write_text("from embbench.workloads._shared import PARTS, AXES\n")
    (tmp_path / "two.py").write_text("from embbench.workloads._shared import PARTS\n")
    found = read(tmp_path)
    assert found["one"]["heads"].default == 4
    assert found["two"] == {}


def test_workloads_that_share_an_entry_agree_on_it(tmp_path):
    (tmp_path / "one.py").write_text(f"AXES = {{{HEADS}}}\n")
    (tmp_path / "two.py").write_text(f"AXES = {{{HEADS.replace('4', '8')}}}\n")
    with pytest.raises(ValueError, match="the workloads one and two define the axis heads differently"):
        read(tmp_path)
