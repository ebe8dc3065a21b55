"""What readers and programs get: compared with golden files, and checked for what no golden shows."""

import csv
import io
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.cases.suite import View
from embbench.errors import UsageError
from embbench.report.assemble import build
from embbench.report.exports import render_export
from embbench.report.writers import FORMATS
from embbench.report.writers.markdown import escaped
from embbench.store.round import Audit
from tests.made_up import MACHINE, case, failed, measured
from tests.written import render

TITLE = "What does the vocabulary cost?"


@pytest.fixture
def report(scaling):
    return build(scaling, View(metric="step_time,host_peak"), title=TITLE)


@pytest.mark.parametrize("width", [80, 100, 140])
def test_text(report, golden, width):
    golden(f"scaling-{width}.txt", render(report, "text", width))


@pytest.mark.parametrize("format_name", ["md", "csv", "json"])
def test_data(report, golden, format_name):
    golden(f"scaling.{format_name}", render(report, format_name))


def test_mixed_results(golden):
    bad = Audit("lazy", False, 0.5, 9, "step 3, row 7: 0.25 expected, 0.5 found")
    rounds = [
        *measured(case(), [0.30, 0.31, 0.32]),
        *measured(case(update="sparse"), [0.1, 0.1], audit=bad, status="invalid"),
        *measured(case(update="sparse", vocab=2_000_000), [0.1, 0.1]),
        *measured(case(update="compact"), [0.29, 0.33], audit=None),
        *measured(case(vocab=2_000_000), [0.3], machine={**MACHINE, "fingerprint": "ffff", "cpu": "Another CPU"}),
        *measured(case(vocab=2_000_000, batch=64), [0.6]),
    ]
    golden("mixed.txt", render(build(rounds, View(), chosen=("row", "col")), "text", 100))


def test_memory_of_the_default_suite_fits_in_one_block():
    paths = [case("frozen"), *(case(update=update) for update in ("default", "fused", "sparse", "compact"))]
    rounds = [
        round_
        for path in paths
        for vocab, memory in ((200_000, 683.9e6), (2_000_000, 3.448e9))
        for round_ in measured(msgspec.structs.replace(path, vocab=vocab), [0.1, 0.1], memory)
    ]
    text = render(build(rounds, View(metric="host_peak")), "text", 100)
    assert text.count("vocab ") == 1
    assert "684 MB" in text
    assert "±: shown from 1 % on" in text


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_lines_are_no_wider_than_asked_for(report, width):
    assert max(map(len, render(report, "text", width).splitlines())) <= width


def test_no_escape_codes_unless_asked_for(report):
    assert "\x1b" not in render(report, "text")
    assert "\x1b[" in render(report, "text", colour=True)


def test_json_has_the_documented_shape(report):
    shape = json.loads(render(report, "json"))
    assert shape["schema"] == 1
    assert {"tables", "answer", "machine", "notes", "records"} <= set(shape)
    cell = shape["tables"][0]["rows"][1]["cells"][0]
    assert cell["center"] == pytest.approx(0.0241)
    assert cell["ratio"]["proven"] is True
    assert shape["tables"][0]["rows"][1]["cells"][2]["center"] is None


def test_csv_is_one_line_per_case_and_metric_in_base_units(report):
    lines = list(csv.DictReader(io.StringIO(render(report, "csv"))))
    assert len(lines) == 16
    lost = next(line for line in lines if line["status"] == "oom_host")
    assert (lost["center"], lost["n"], lost["audit_passed"]) == ("", "", "")
    first = lines[0]
    assert (first["vocab"], first["unit"], first["class"], first["audit_passed"]) == ("200000", "s", "frozen", "true")
    assert float(first["low"]) < float(first["center"]) < float(first["high"])


@pytest.mark.parametrize("exported", [False, True])
def test_csv_has_the_ratios_of_the_tables(report, scaling, exported):
    text = render_export(scaling, "csv") if exported else render(report, "csv")
    lines = [line for line in csv.DictReader(io.StringIO(text)) if line["metric"] in ("step_time", "host_peak")]
    assert [*lines[0]][-4:] == ["ratio", "ratio_low", "ratio_high", "reference"]
    cells = [
        (table["metric"], cell)
        for table in json.loads(render(report, "json"))["tables"]
        for row in table["rows"]
        for cell in row["cells"]
    ]
    ratios = {(metric, *cell["cases"]): cell["ratio"] for metric, cell in cells}
    assert sum(ratio is not None for ratio in ratios.values()) == 10
    for line in lines:
        ratio = ratios[line["metric"], line["case_id"]]
        told = [float(line[name]) if line[name] else None for name in ("ratio", "ratio_low", "ratio_high")]
        assert told == ([None] * 3 if ratio is None else [ratio[name] for name in ("center", "low", "high")])
        against = next((each for each in lines if each["case_id"] == line["reference"]), None)
        assert (against is None) == (ratio is None)
        if against is not None:
            assert [against[name] for name in ("table", "update", "vocab")] == ["trainable", "default", line["vocab"]]


def test_two_distant_rounds_have_no_upper_end_and_json_says_null():
    report = build(measured(case(), [1e-300, 1e300]), View())
    assert json.loads(render(report, "json"))["records"][0]["high"] is None
    assert next(csv.DictReader(io.StringIO(render(report, "csv"))))["high"] == ""
    assert "about 5" in render(report, "text")
    assert "about: 2 rounds between" in render(report, "text")
    assert "±" not in render(report, "text")


def test_unknown_formats_name_the_nearest(report):
    with pytest.raises(UsageError, match="did you mean 'json'"):
        render(report, "jsn")


hostile = st.text(max_size=60)


@given(hostile, hostile)
def test_reasons_of_other_programs_break_no_format(reason, cpu):
    rounds = [failed(case(), "crash", reason, machine={**MACHINE, "cpu": cpu}), *measured(case("frozen"), [0.1])]
    report = build(rounds, View())
    for format_name in FORMATS:
        text = render(report, format_name)
        assert "\x1b" not in text
    pipes = {line.count("|") - line.count("\\|") for line in render(report, "md").splitlines() if line[:1] == "|"}
    assert len(pipes) == 1
    json.loads(render(report, "json"))
    assert len(list(csv.reader(io.StringIO(render(report, "csv"))))) == 3


def test_markdown_keeps_names_with_underscores_readable():
    assert escaped("step_time <b> *x* a|b _c_") == "step_time \\<b\\> \\*x\\* a\\|b \\_c\\_"
