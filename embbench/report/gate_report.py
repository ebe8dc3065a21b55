"""The reports of a gate for CI: a summary, annotations, a comment, JUnit XML, JSON.

The limits are GitHub's: 1 MiB for a step's summary, 65,536 characters for a comment, 10 errors and 10 warnings a step
(docs.github.com: workflow commands for GitHub Actions; adding a job summary).
"""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

import msgspec

from embbench import wire
from embbench.analysis.compare.comparison import Comparison
from embbench.analysis.compare.outcome import UNDECIDED, tally
from embbench.plain import one_line
from embbench.report.comparisons import Compared, as_data, comparison_document, summary_line
from embbench.report.figures import factor_text
from embbench.report.reasons import why
from embbench.report.writers import write
from embbench.report.writers.markdown import escaped, write_markdown

SUMMARY_BYTES = 1 << 20
COMMENT_CHARACTERS = 65_536
ANNOTATIONS = 10  # of each kind
MEANINGS = {
    1: "failed: a regression is shown",
    2: "could not run",
    3: "failed: some comparisons are undecided, and --strict is set",
    4: "failed: a case broke that the baseline has measured",
    5: "failed: nothing could be compared",
    70: "decided nothing: embbench itself has a fault",
    130: "was interrupted",
}
UNNAMED = "gate"  # name of a gate without --name and --suite
PASSED, OPEN = "passed", "did not fail, but some comparisons are undecided"
_ENDING = re.compile("--(?=!?>)")  # of an HTML comment
FAILED = {"regression": "failure", "broke": "error"}


class GateResult(msgspec.Struct, frozen=True):
    """The result of a gate. name: of the gate, by which a later run finds its comment. strict: undecided is a failure.
    problem: why there is nothing to compare; '' where there is something.
    """

    name: str
    compared: Compared
    exit_code: int
    strict: bool
    problem: str = ""

    @property
    def meaning(self) -> str:
        """The meaning of the exit code. A gate passes only where all comparisons are decided."""
        if self.exit_code:
            return MEANINGS[self.exit_code]
        return OPEN if any(each.verdict in UNDECIDED for each in self.compared.comparisons) else PASSED

    @property
    def title(self) -> str:
        """'embbench gate NAME'."""
        return "embbench gate" if self.name == UNNAMED else f"embbench gate {self.name}"

    @property
    def headline(self) -> str:
        """'embbench gate NAME passed: 12 comparisons: 12 same'."""
        return f"{self.title} {self.meaning}: {self.problem or summary_line(self.compared.comparisons)}"


def marker(name: str) -> str:
    """First line of a comment, by which a later run finds and replaces it."""
    return f"<!-- embbench gate: {_ENDING.sub('- -', one_line(name))} -->"


def summary(gate_result: GateResult, taken: int = 0) -> str:
    """Markdown for $GITHUB_STEP_SUMMARY. taken: bytes that the file has already."""
    return _cut(_body(gate_result), max(0, SUMMARY_BYTES - taken), encoded=True)


def comment(gate_result: GateResult) -> str:
    """Markdown for a comment on a pull request, its marker first."""
    return _cut(f"{marker(gate_result.name)}\n{_body(gate_result)}", COMMENT_CHARACTERS, encoded=False)


def annotations(gate_result: GateResult) -> list[str]:
    """Workflow commands, one per line: errors for failures, warnings for undecided comparisons."""
    errors = [each for each in gate_result.compared.comparisons if each.verdict in FAILED]
    doubts = [each for each in gate_result.compared.comparisons if each.verdict in UNDECIDED]
    if gate_result.problem:
        return [f"::error title={_property(gate_result.title)}::{_message(gate_result.problem)}"]
    warnings = gate_result.compared.warnings[:ANNOTATIONS]
    lines = [f"::warning title=embbench gate::{_message(text)}" for text in warnings]
    if gate_result.strict:
        return [*lines, *_commands("error", [*errors, *doubts])]
    return [*lines, *_commands("error", errors), *_commands("warning", doubts)]


def junit(gate_result: GateResult) -> str:
    """A test case per comparison. An undecided comparison is skipped, or failed with strict."""
    cases = [
        (f"{gate_result.name}.{each.metric}", each.name, _outcome(each, gate_result.strict), _sentence(each))
        for each in gate_result.compared.comparisons
    ]
    if gate_result.problem:
        cases.append((gate_result.name, "gate", "error", gate_result.problem))
    outcomes = [outcome for _, _, outcome, _ in cases]
    counts = {kind: str(outcomes.count(kind)) for kind in ("failure", "error", "skipped")}
    suite = ElementTree.Element(
        "testsuite", name=one_line(gate_result.title), tests=str(len(cases)),
        failures=counts["failure"], errors=counts["error"], skipped=counts["skipped"],
    )  # fmt: skip
    for place, name, outcome, sentence in cases:
        case = ElementTree.SubElement(suite, "testcase", classname=one_line(place), name=one_line(name))
        if outcome:  # texts of other programs may hold control characters, which XML forbids
            ElementTree.SubElement(case, outcome, message=one_line(sentence))
    ElementTree.indent(suite)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(suite, encoding="unicode")}\n'


def page(gate_result: GateResult) -> str:
    """A page of HTML."""
    document = comparison_document(gate_result.compared, gate_result.headline)
    return write(document, "html")


def machine_readable(gate_result: GateResult) -> str:
    """The comparisons as `compare --format json` gives them, with the gate's exit code and the counts of verdicts."""
    data = {
        "gate": gate_result.name,
        "exit_code": gate_result.exit_code,
        "meaning": gate_result.meaning,
        "problem": gate_result.problem,
        "verdicts": tally(gate_result.compared.comparisons),
        **as_data(gate_result.compared),
    }
    return wire.document(data)


def _body(gate_result: GateResult) -> str:
    compared = gate_result.compared
    text = f"\n{write_markdown(comparison_document(compared))}" if compared.comparisons else ""
    return f"### {escaped(gate_result.headline)}\n{text}"


def _outcome(each: Comparison, strict: bool) -> str:
    if each.verdict in UNDECIDED:
        return "failure" if strict else "skipped"
    return FAILED.get(each.verdict, "")


def _sentence(each: Comparison) -> str:
    ratio = f" ×{factor_text(each.ratio)}" if each.ratio is not None else ""
    return f"{each.metric}{ratio}: {each.verdict}, {why(each)}"


def _commands(kind: str, comparisons: Sequence[Comparison]) -> list[str]:
    shown = comparisons if len(comparisons) <= ANNOTATIONS else comparisons[: ANNOTATIONS - 1]
    lines = [f"::{kind} title={_property(each.name)}::{_message(_sentence(each))}" for each in shown]
    if len(shown) < len(comparisons):
        lines.append(f"::{kind} title=embbench gate::and {len(comparisons) - len(shown)} more, see the summary")
    return lines


def _message(text: str) -> str:
    return one_line(text).replace("%", "%25")  # one line has no \r and no \n


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _cut(text: str, most: int, encoded: bool) -> str:
    """At most `most` bytes or characters, cut between lines, with a last line that says so."""
    size = (lambda part: len(part.encode())) if encoded else len
    if size(text) <= most:
        return text
    last = "\n… cut here: the text is too long for this place; the JSON report is complete\n"
    room, kept = most - size(last), []
    for line in text.splitlines(keepends=True):
        room -= size(line)
        if room < 0:
            break
        kept.append(line)
    return "".join(kept) + last
