"""The cases of a run that broke."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from embbench.cli.output import say
from embbench.plain import without_middle

if TYPE_CHECKING:
    from embbench.launch.runner import Work
    from embbench.store.round import Round

MOST_NAMES = 3  # of cases in a message
LONGEST = 200  # characters of a case and its reason


def tell_broken(rounds: "Sequence[Round]", work: "Work") -> int:
    """EXIT_BROKE, with a line on stderr, where a round crashed, is invalid, timed out or ran out of memory; else 0.
    Skipped and unsupported cases did not break. work: of the command.
    """
    from embbench.analysis.collapse.collapse import collapse, failure
    from embbench.cases.case import also_varying, label
    from embbench.errors import EXIT_BROKE
    from embbench.launch.order import FAILURES, Ledger, from_outside

    results = collapse(rounds)
    also = also_varying([each.case for each in results])
    broken = {}
    for result in results:
        bad = [line for line in result.rounds if line.status in FAILURES or line.status == "invalid"]
        if bad:
            broken[label(result.case, also)] = bad
    if not broken:
        return 0
    texts = (f"{name}: {bad[0].status}: {failure(bad[0])}" for name, bad in broken.items())
    causes = [without_middle(text, LONGEST) for text in texts]
    more = f"; and {len(causes) - MOST_NAMES} more" if len(causes) > MOST_NAMES else ""
    left = Ledger(work.plan, rounds).left()
    again = any(from_outside(line) and left.get(line.case_id) for bad in broken.values() for line in bad)
    hint = "; repeat the command to try again the rounds that a signal from outside ended" if again else ""
    say(f"{len(causes)} of {len(results)} cases broke: {'; '.join(causes[:MOST_NAMES])}{more}{hint}")
    return EXIT_BROKE
