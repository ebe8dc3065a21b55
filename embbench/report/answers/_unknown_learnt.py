"""What trained models accept that belongs to no known class: sentences from learning curves."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.learning_curves import curves_of, end, over_seeds
from embbench.cases.learning_curve import LearningCurve
from embbench.report.answers._words import listed_with, with_version
from embbench.stats.effects import separates
from embbench.stats.summary import Summary, median, summarize_differences
from embbench.workloads._unknown_scores import (
    ERRORS,
    ERRORS_AMONG,
    REFUSED,
    SCORES,
    accepted,
    misordered,
    passed,
)

SOFTMAX, EXTRA, SIGMOIDS = "softmax", "extra_class", "one_vs_rest"
NEAR, FAR, TRAINED, WORDS = "near", "far", "trained", "unknown_words"
KIND_TEXTS = {
    NEAR: "texts that mix two known classes (near)",
    FAR: "texts of topics that never train (far)",
    TRAINED: "new texts of the topics that only an extra class trains on",
}
OUTPUTS = {SOFTMAX: "known classes alone", EXTRA: "an extra class", SIGMOIDS: "a sigmoid per class"}
SCORE_TEXTS = {
    "softmax": "largest softmax",
    "logit": "largest logit",
    "energy": "energy",
    "other": "odds against the extra class",
}
RULE_TEXTS = {
    SOFTMAX: "a softmax of 0.5 or more",
    EXTRA: "any largest output but the extra class",
    SIGMOIDS: "a sigmoid of 0.5 or more",
}


class Candidate(NamedTuple):
    """A score of a model."""

    result: Result
    score: str

    @property
    def text(self) -> str:
        outputs = "" if self.score == "other" else f" with {OUTPUTS[self.result.case.reject]}"
        return f"{SCORE_TEXTS[self.score]}{outputs}"

    def share(self, kind: str) -> Callable[[LearningCurve], float | None]:
        return lambda curve: end(curve, accepted(kind, self.score))


def candidates_of(group: Sequence[Result]) -> list[Candidate]:
    return [Candidate(result, score) for result in group for score in SCORES[result.case.reject]]


def difference(
    one: Result,
    value: Callable[[LearningCurve], float | None],
    other: Result,
    value_of_other: Callable[[LearningCurve], float | None],
) -> Summary | None:
    """one - other within seeds; None without common seeds, or where a curve lacks a number."""
    firsts, seconds = curves_of(one), curves_of(other)
    pairs = [(value(firsts[seed]), value_of_other(seconds[seed])) for seed in firsts if seed in seconds]
    found = [first - second for first, second in pairs if first is not None and second is not None]
    return summarize_differences(found) if found and len(found) == len(pairs) else None


def about_kinds(group: Sequence[Result]) -> Iterator[str]:
    """A sentence per kind of text: the score that accepts the fewest, against all others."""
    for kind, text in KIND_TEXTS.items():
        ranked = ranking(group, kind)
        if len(ranked) < 2:
            continue
        best, share = ranked[0]
        alike, more = compared(ranked, kind)
        floor = median([each.facts[f"floor_{accepted(kind, 'best')}"] for each in curves_of(best.result).values()])
        yield (
            f"{with_version(best.result)}, {text}: where 95 % of known texts are accepted, {best.text} accepts the "
            f"fewest, {share_text(share)} (AUROC {_auroc(best, kind)}); the best possible score accepts "
            f"{100 * floor:.1f} %."
            + (f" Cannot tell from it: {listed_with(alike)}." if alike else "")
            + (f" More: {', '.join(more)}." if more else "")
        )


def ranking(group: Sequence[Result], kind: str) -> list[tuple[Candidate, Summary]]:
    """The candidates with the shares that they accept, the smallest first."""
    found = [(each, over_seeds(each.result, each.share(kind))) for each in candidates_of(group)]
    return sorted(((each, share) for each, share in found if share is not None), key=lambda pair: pair[1].center)


def compared(ranked: Sequence[tuple[Candidate, Summary]], kind: str) -> tuple[list[str], list[str]]:
    """The candidates that cannot be told from the first, and those that accept more, with the difference."""
    best, alike, more = ranked[0][0], [], []
    for each, _ in ranked[1:]:
        apart = difference(each.result, each.share(kind), best.result, best.share(kind))
        if apart is not None:
            shown = separates(apart, 0.0)
            (more if shown else alike).append(f"{each.text} by {points_text(apart)}" if shown else each.text)
    return alike, more


def _auroc(candidate: Candidate, kind: str) -> str:
    wrong = over_seeds(candidate.result, lambda curve: end(curve, misordered(kind, candidate.score)))
    return "unknown" if wrong is None else f"{1 - wrong.center:.3f}"


def about_unknown_words(group: Sequence[Result]) -> Iterator[str]:
    """All such texts are the same text, so a training accepts all of them or none."""
    counts: dict[tuple[int, int], list[str]] = {}
    for each in candidates_of(group):
        shares = [each.share(WORDS)(curve) for curve in curves_of(each.result).values()]
        taken = sum(share is not None and share > 0.5 for share in shares)
        if shares:
            counts.setdefault((taken, len(shares)), []).append(each.text)
    told = [f"{taken} of {count} trainings by {listed_with(who)}" for (taken, count), who in sorted(counts.items())]
    if told:
        yield (
            f"A text of unknown words alone is a single text to the model, as all of them are one row. At the "
            f"threshold for 95 % of known texts it is accepted in {'; in '.join(told)}."
        )


def about_errors(group: Sequence[Result]) -> Iterator[str]:
    """A model that has learnt less also rejects less."""
    told = [
        f"{share_text(errors)} with {OUTPUTS[result.case.reject]}"
        for result in group
        if (errors := over_seeds(result, _end_of(ERRORS))) is not None
    ]
    if told:
        floor = median([curve.facts["floor_errors"] for curve in curves_of(group[0]).values()])
        yield (
            f"Wrong answers to known texts after {group[0].case.train_steps} steps: {listed_with(told)}; "
            f"{100 * floor:.1f} % by the best possible answers."
        )


def about_rules(group: Sequence[Result]) -> Iterator[str]:
    """The rules that users take without measuring a threshold."""
    for result in group:
        reject = result.case.reject
        shares = [over_seeds(result, _end_of(passed(kind))) for kind in KIND_TEXTS]
        refused = over_seeds(result, _end_of(REFUSED))
        if refused is not None and all(shares):
            near, far, trained = (share_text(each) for each in shares if each is not None)
            yield (
                f"{RULE_TEXTS[reject][:1].upper()}{RULE_TEXTS[reject][1:]} counts as known, without a measured "
                f"threshold: this refuses {share_text(refused)} of known texts, and accepts {near} of near texts, "
                f"{far} of far texts and {trained} of the topics of an extra class."
            )


def about_extra_class(group: Sequence[Result]) -> Iterator[str]:
    by_kind = {each.case.reject: each for each in group}
    extra, plain = by_kind.get(EXTRA), by_kind.get(SOFTMAX)
    if extra is None:
        return
    odds = Candidate(extra, "other")
    shares = [over_seeds(extra, odds.share(kind)) for kind in (TRAINED, FAR, NEAR)]
    apart = difference(extra, odds.share(FAR), extra, odds.share(TRAINED))
    if apart is not None and all(shares):
        trained, far, near = (share_text(each) for each in shares if each is not None)
        worse = separates(apart, 0.0) and apart.center > 0
        verdict = f"{points_text(apart)} more" if worse else "cannot tell these two apart"
        yield (
            f"'Add an \"other\" class': it accepts {trained} of new texts of its own topics, {far} of "
            f"other topics ({verdict}), and {near} of near texts."
        )
    if plain is None:
        return
    told = [
        f"{name}: {_verdict(difference(extra, value, plain, value))}"
        for name, value in (("of all outputs", _end_of(ERRORS)), ("of those of known classes", _end_of(ERRORS_AMONG)))
    ]
    yield (
        f"What it costs: wrong answers to known texts, compared with no extra class, by the largest {'; '.join(told)}. "
        f"It trains on as many texts, of which 1 in 9 is of no known class."
    )
    energy = Candidate(plain, "energy")
    gained = [
        f"{kind} {_verdict(difference(extra, odds.share(kind), plain, energy.share(kind)))}"
        for kind in (TRAINED, FAR, NEAR)
    ]
    yield f"What it brings: accepted texts, by its odds against the energy of no extra class: {', '.join(gained)}."


def about_softmax(group: Sequence[Result]) -> Iterator[str]:
    """The largest softmax against the other scores of the same trained models."""
    for result in group:
        if result.case.reject == SOFTMAX:
            first = Candidate(result, "softmax")
            told = []
            for kind in KIND_TEXTS:
                for score in ("logit", "energy"):
                    other = Candidate(result, score)
                    apart = difference(result, first.share(kind), result, other.share(kind))
                    told.append(f"{kind}, {SCORE_TEXTS[score]}: {_verdict(apart)}")
            yield (
                f"'Threshold the softmax': compared with other scores of the same models, the largest softmax accepts, "
                f"at 95 % of known texts: {'; '.join(told)}."
            )


def _end_of(name: str) -> Callable[[LearningCurve], float | None]:
    return lambda curve: end(curve, name)


def _verdict(apart: Summary | None) -> str:
    if apart is None or not separates(apart, 0.0):
        return "cannot tell"
    return f"{'more' if apart.center > 0 else 'fewer'} by {points_text(apart)}"


def share_text(share: Summary) -> str:
    """'91.2 % (90.1 to 92.3)'"""
    text = f"{100 * share.center:.1f} %"
    if share.low is None or share.high is None or share.low == share.high:
        return text
    return f"{text} ({100 * share.low:.1f} to {100 * share.high:.1f})"


def points_text(apart: Summary) -> str:
    """The size of a difference of shares: '3.1 points (2.0 to 4.2)'."""
    sign = 1 if apart.center >= 0 else -1
    text = f"{100 * sign * apart.center:.1f} points"
    if apart.low is None or apart.high is None:
        return text
    low, high = sorted((100 * sign * apart.low, 100 * sign * apart.high))
    return f"{text} ({low:.1f} to {high:.1f})"
