"""Documents whose pages tests look at."""

import functools

from embbench.cases.suite import View
from embbench.report.assemble import build
from embbench.report.document import Document
from embbench.report.results_document import results_document
from embbench.report.results_page import results_page
from tests.made_up import case, measured

VOCABS = (200_000, 500_000, 1_000_000, 2_000_000)
HOSTILE = (
    "<script>document.title = 'hacked'</script>",
    '"><img src=x onerror="document.title=\'hacked\'">',
    "javascript:document.title='hacked'",
    "\u202eright to left",
    "' onfocus='document.title=1' autofocus='",
    "x" * 10_000,
)


def rounds(**fields):
    """Step times of three updates at four sizes, three rounds each."""
    found = []
    for place, update in enumerate(("default", "sparse", "compact")):
        for vocab in VOCABS:
            seconds = 0.05 + vocab * 1e-7 / (1 + 9 * place)
            times = [seconds, seconds * 1.03, seconds * 0.98]
            found += measured(case(update=update, vocab=vocab), times, memory=vocab * 1000 / (1 + place), **fields)
    return found


def results(title="What does a larger vocabulary cost?", lines=None) -> Document:
    lines = rounds() if lines is None else lines
    made = build(lines, View(row="vocab", col="update"), title=title)
    return results_document(made, page=functools.partial(results_page, made, lines))
