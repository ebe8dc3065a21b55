"""The page of every command that shows a document, in Chromium: nothing is loaded, nothing fails, axe finds nothing."""

from pathlib import Path

import pytest

from embbench.cli import main
from embbench.report.comparisons import comparison_document
from embbench.report.document import Document
from embbench.report.own_model_document import own_model_document
from embbench.report.selftest_document import selftest_document
from tests.pages.test_page_in_browser import requests, violations
from tests.report.test_gate_report import MIXED, gate_result
from tests.report.test_own_model_document import GROWING, own
from tests.report.test_own_model_document import rounds as own_rounds
from tests.report.test_selftest_document import ABOUT, RATE, SMALLEST, Summary, Trust

RESULTS = Path(__file__).parent.parent.parent / "results"
COMMANDS = {
    "report": ["report", "embedding-scaling.jsonl"],
    "report of a workload": ["report", "sequence.jsonl"],
    "answer": ["answer", "batch", "--results", "batch.jsonl"],
    "compare": ["compare", "explain-epyc.jsonl", "left-out.jsonl"],
    "explain": ["explain", "explain-epyc.jsonl"],
    "predict": ["predict", "embedding-scaling.jsonl", "--vocab", "5M"],
    "plan": ["plan", "--suite", "ci"],
    "list": ["list"],
}


def documents() -> dict[str, Document]:
    """Of commands that measure for minutes."""
    trust = Trust(RATE, None, RATE, 18, Summary(0.015, 0.01, 0.02, 20), SMALLEST)
    return {
        "explain --model": own_model_document(own(own_rounds(GROWING, fused=0.05, sparse=0.012))),
        "ab and gate": comparison_document(gate_result(MIXED).compared),
        "selftest": selftest_document(trust, ABOUT),
    }


def check(page) -> None:
    assert page.get_log("browser") == []
    assert len(requests(page)) == 1
    assert page.find_element("tag name", "h1").text
    for scheme in ("light", "dark"):
        assert violations(page, scheme) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_of_a_command(name, chromium, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(RESULTS)
    page = tmp_path / "page.html"
    code = main([*COMMANDS[name], "--format", "html", "--output", str(page)])
    assert code in (0, 1, 3), name
    chromium.get("about:blank")
    for kind in ("browser", "performance"):
        chromium.get_log(kind)
    chromium.get(page.as_uri())
    check(chromium)


@pytest.mark.parametrize("name", documents())
def test_the_page_of_a_command_that_measures(name, shown) -> None:
    check(shown(documents()[name]))
