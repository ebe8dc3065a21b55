"""`--model FILE.py:NAME` by real workers: what runs, what is refused, and with which words."""

import json
import re
from pathlib import Path

import pytest

from embbench.store.journal import read_rounds
from tests import own_models

FIXTURES = Path(own_models.__file__).parent
GOOD = (FIXTURES / "torchmoji.py").read_text(encoding="utf-8")


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def written(text: str, name: str = "wlm.py") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return f"{name}:build"

    return written


BROKEN = {
    "raises": ("import torch\ndef build():\n    raise KeyError('weights')\n", 4, "KeyError: 'weights' (wlm.py:3)"),
    "step raises": (GOOD.replace("nn.CrossEntropyLoss()", "nn.BCELoss()"), 4, "wlm.py: build or its step raised"),
    "leaves": ("import os, torch\ndef build():\n    os._exit(3)\n", 4, "the process ended early"),
    "exits": ("import sys, torch\ndef build():\n    sys.exit('no data')\n", 4, "SystemExit: no data"),
    "three values": (GOOD.replace("return model, optimizer, nn.CrossEntropyLoss(), ", "return model, optimizer, "), 2,
                     "build returned 3 values; return model, optimizer, loss, batches"),
    "no model": ("import torch\ndef build():\n    return 1, 2, 3, 4\n", 2, "build returned int as model"),
    "needs more": ("import torch\ndef build(path):\n    pass\n", 2, "parameter path of build has no default"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_model_that_does_not_work_says_why_and_where(cli, write, name):
    text, code, said = BROKEN[name]
    told = cli("explain", "--model", write(text))
    assert told.code == code
    assert said in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("explain", "--model", "none.py:build"), "No such file"),
        (("explain", "--model", "wlm.py"), "name the function too, such as wlm.py:build"),
        (("explain", "--model", "wlm.py:built"), "did you mean 'build'"),
        (("explain", "--model", "wlm.py:build", "--dim", "3"), "--dim: your own model sets it"),
        (("explain", "--model", "wlm.py:build", "some.jsonl"), "leave files"),
        (("run", "--model", "wlm.py:build", "--contender", "numpy"), "leave --contender out"),
        (("run", "--model", "wlm.py"), "name the function too, such as wlm.py:build"),
        (("gate", "--base-model", "wlm.py:build", "--head-model", "wlm:build"), "such as wlm.py:build"),
        (("predict", "r.jsonl", "--model", "wlm:build"), "such as wlm.py:build"),
        (("run", "--model", "wlm.py:build", "--workload", "tagger"), "leave --workload out"),
        (("run", "--contender", "wlm.py:build,numpy"), "does other work than contenders"),
        (("ab", "--base-model", "wlm.py:build", "--base-contender", "numpy"), "leave --base-contender out"),
    ],
)
def test_what_does_not_go_together_is_refused(cli, write, arguments, said):
    write(GOOD)
    told = cli(*arguments)
    assert told.code == 2
    assert said in told.err


def test_a_run_measures_the_step_and_its_changes(real, write):
    code, out, err = real(
        "run", "--model", write(GOOD), "--update", "default,fused", "--preset", "quick", "--rounds", "1",
        "--budget", "0.05", "--threads", "1", "--out", "r.jsonl",
    )  # fmt: skip
    assert code == 0, err
    rounds, _ = read_rounds([Path("r.jsonl")])
    assert {(line.case.update, line.case.vocab, line.status) for line in rounds} == {
        ("default", 2000, "ok"), ("fused", 2000, "ok"),
    }  # fmt: skip
    for line in rounds:
        assert [claim.got for claim in line.claims] == [(1.0,)]
        assert line.ran["model"] == "Classifier"
        assert "theoretical_peak" not in line.metrics
    # A model is watched once, for growth and for steps that are cheaper unwatched, not once for each change.
    assert ["host_growth" in line.metrics for line in rounds] == [True, False]
    assert "wlm:build" in out


def test_rows_are_added_where_the_function_takes_no_number_of_rows(real, write):
    reference = write(GOOD.replace("def build(vocab=2000):", "def build():\n    vocab = 2000"))
    code, _, err = real(
        "run", "--model", reference, "--vocab", "5k", "--preset", "quick", "--rounds", "1", "--budget", "0.05",
        "--threads", "1", "--out", "r.jsonl",
    )  # fmt: skip
    assert code == 0, err
    (line,), _ = read_rounds([Path("r.jsonl")])
    assert (line.case.vocab, line.status) == (5000, "ok")


def test_an_explanation_has_the_table_what_grows_and_what_helps(real, write, monkeypatch):
    monkeypatch.setattr("embbench.cli.own_model.WHOLE", 1.0)
    monkeypatch.setattr("embbench.cli.own_model.LEAST", 1.0)
    code, out, err = real(
        "explain", "--model", write(GOOD), "--threads", "1", "--format", "json", "--out", "r.jsonl"
    )  # fmt: skip
    assert code == 0, err
    data = json.loads(out)
    assert [(each["name"], each["class"]) for each in data["tables"]] == [("embed.weight", "dense")]
    rounds, _ = read_rounds([Path("r.jsonl")])
    (own,) = {each.case_id for each in rounds if each.case.vocab == 2000 and each.case.update == "default"}
    in_turn = [each.conditions.get("reference") for each in rounds if each.case_id != own]
    assert in_turn == [own] * 4
    assert data["grows"]["share"]["low"] is not None
    assert data["grows"]["values"] == [250, 1000, 2000]
    training = {each["name"]: each["training"] for each in data["alternatives"]}
    assert training["fused"] == "same"
    assert training["sparse"] == "refused"
    assert training["frozen"] == "other"
    assert data["verdict"].startswith("The table is ") or data["verdict"].startswith("Cannot tell")


def test_two_versions_of_a_model_are_compared(real, write):
    write(GOOD)
    write(GOOD.replace("lr=1e-3", "lr=1e-3, fused=True"), "new.py")
    code, out, err = real(
        "ab", "--base-model", "wlm.py:build", "--head-model", "new.py:build", "--budget", "4", "--threads", "1",
        "--preset", "quick", "--out", "both",
    )  # fmt: skip
    assert code in (0, 1), err
    assert "wlm:build → new:build" in out


def test_a_step_of_jax_is_explained(real, write, monkeypatch):
    monkeypatch.setattr("embbench.cli.own_model.WHOLE", 1.0)
    monkeypatch.setattr("embbench.cli.own_model.LEAST", 1.0)
    text = (FIXTURES / "jax_loop.py").read_text(encoding="utf-8")
    code, out, err = real("explain", "--model", write(text), "--threads", "1", "--format", "json")
    assert code == 0, err
    data = json.loads(out)
    assert [(each["name"], each["class"]) for each in data["tables"]] == [("[0]['table']", "dense")]
    assert data["grows"]["values"] == [250, 1000, 2000]
    assert [each["name"] for each in data["alternatives"]] == ["retained"]
    assert data["floor"]["total"] > 0


def test_groups_of_tables_grow_by_themselves(real, write, monkeypatch):
    monkeypatch.setattr("embbench.cli.own_model.WHOLE", 1.0)
    monkeypatch.setattr("embbench.cli.own_model.LEAST", 1.0)
    monkeypatch.setattr("embbench.cli.own_model.GROWN", (1, 2))
    text = (FIXTURES / "ncf.py").read_text(encoding="utf-8").replace("Adam", "SGD")
    text = re.sub(r"nn\.Embedding\((\w+, \d+)\)", r"nn.Embedding(\1, sparse=True)", text)
    reference = write(
        text.replace('def build(vocab=3000, kind="product"):', 'def build():\n    vocab, kind = 3000, "product"')
    )
    code, out, err = real("explain", "--model", reference, "--threads", "1", "--format", "json")
    assert code == 0, err
    grows = json.loads(out)["grows"]
    assert grows["values"] == [3000, 6000]
    assert [(each["tables"], each["values"]) for each in grows["groups"]] == [(["items_product.weight"], [1000, 4000])]
