"""The texts that learning curves are of: planted texts, whose best possible answers are known, or a user's own."""

from collections.abc import Iterable, Iterator
from statistics import median

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.learning_curves import best, curves_of, end
from embbench.cases.learning_curve import LearningCurve
from embbench.cases.tokens import LABELLED

EXCESS, LOSS = "excess", "loss"


def has_own_texts(result: Result) -> bool:
    return result.case.tokens.startswith(LABELLED)


def score_of(result: Result) -> str:
    """The name of the score of held-out texts."""
    return LOSS if has_own_texts(result) else EXCESS


def texts_of(result: Result) -> int:
    """Texts that train: a file may have fewer than the case asks for."""
    facts = [curve.facts for curve in curves_of(result).values()]
    return int(facts[0].get("texts", result.case.texts)) if facts else result.case.texts


def last(curve: LearningCurve) -> float | None:
    """The score of held-out texts after the last step."""
    return end(curve, LOSS if LOSS in curve.scores else EXCESS)


def lowest(curve: LearningCurve) -> float | None:
    """The smallest score of held-out texts."""
    return getattr(best(curve, LOSS if LOSS in curve.scores else EXCESS), "value", None)


def about_planted(results: Iterable[Result]) -> Iterator[str]:
    curves = [curve for result in results if not has_own_texts(result) for curve in curves_of(result).values()]
    if curves:
        floors, errors = ([curve.facts[name] for curve in curves] for name in ("floor", "floor_errors"))
        yield (
            f"The best answers have a loss of {min(floors):.3f} to {max(floors):.3f} nats, {100 * min(errors):.1f} to "
            f"{100 * max(errors):.1f} % errors; the excess is over it."
        )


def about_own(results: Iterable[Result]) -> Iterator[str]:
    """What the networks make of a file's texts, beside counting words and guessing."""
    own = [result for result in results if has_own_texts(result)]
    curves = [curve for result in own for curve in curves_of(result).values()]
    ends = [value for curve in curves if (value := end(curve, "errors")) is not None]
    if not ends:
        return
    texts, held, guesses, counted = (
        median(curve.facts[name] for curve in curves) for name in ("texts", "held_out", "guess_errors", "count_errors")
    )
    yield (
        f"Your texts: {texts:.0f} train, {held:.0f} are held out. The networks end with {100 * min(ends):.1f} to "
        f"{100 * max(ends):.1f} % errors, word counts alone (naive Bayes) with {100 * counted:.1f} %, "
        f"the most frequent label with {100 * guesses:.1f} % (medians over seeds). The lowest possible loss is unknown."
    )
