"""The lists of `list`, from made-up rows."""

from embbench.report.document import Facts, Heading
from embbench.report.list_document import list_document

CONTENDER = {
    "name": "plain",
    "summary": "For tests",
    "packages": {"numpy": "2.0", "absent": None},
    "install": None,
    "tables": ["frozen", "trainable"],
    "dtypes": ["float32"],
    "devices": ["cpu"],
    "ids": ["int64"],
    "workloads": ["classifier", "tagger"],
    "spread": "rows",
    "updates": {"default": {"sgd": "exact", "adam": "no adam"}},
    "unsupported": {"default": ["adam"]},
}


def test_a_contender_shows_versions_abilities_and_reasons():
    heading, facts = list_document({"contenders": [CONTENDER]}).blocks
    assert heading == Heading("contenders")
    assert facts.lines == (
        ("plain", "For tests"),
        ("plain", "installed: numpy 2.0"),
        ("plain", "tables frozen, trainable · float32 · cpu · classifier, tagger · ranks with a part of the rows each"),
        ("plain", "update default: sgd exact"),
        ("plain", "not adam: no adam"),
    )


def test_lists_keep_their_order_and_their_values():
    data = {
        "metrics": [{"name": "step_time", "unit": "s", "definition": "A step."}],
        "runtimes": [{"name": "r", "summary": "Keeps.", "variables": {"A": "1"}, "lacking": "needs glibc"}],
    }
    made = list_document(data)
    assert made.data == data
    assert made.blocks == (
        Heading("metrics"),
        Facts((("step_time", "[s] A step."),)),
        Heading("runtimes"),
        Facts((("r", "Keeps."), ("r", "A=1"), ("r", "not here: needs glibc"))),
    )
