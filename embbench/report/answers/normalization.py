"""Does batch norm pay outside convolutions, and where around a concatenation with a one-hot vector?"""

from collections.abc import Callable, Iterator, Sequence

from embbench.analysis.collapse.claims import claims_of, standing_of
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.claim import Claim, Expected
from embbench.report.answers._normalization_learnt import OFF, RARE_ONES, about_learning, differences, shown
from embbench.report.answers._words import (
    contenders_of,
    deviations,
    everyone,
    listed_with,
    seconds_text,
    who_holds,
    with_version,
)
from embbench.report.figures import factor_text
from embbench.report.table import Statement
from embbench.stats.effects import separates
from embbench.stats.summary import Summary
from embbench.workloads._normalization_expected import (
    CONSTANT,
    FAR,
    FINITE,
    FINITE_LATER,
    JOINED,
    LAYER_ALONE,
    LAYER_CONSTANT,
    STEPS,
    absent,
    far,
    four,
    initial_share,
    layer_far,
    layer_joined,
    moved,
    once,
    one_hot,
    rare,
)
from embbench.workloads._normalization_network import Convention
from embbench.workloads.univariate import ONE_ROW

TIME = "step_time"
SLOW = 0.99  # weight of the old value in a moving average
SIZES = ("contender", "hidden", "batch", "seq", "train_steps", "device", "threads", "runtime")

# Claims whose right value differs between defaults: the beginning of their names.
BY_DEFAULT: dict[str, str] = {
    name: expected.name.partition(ends)[0]
    for name, expected, ends in (
        ("four", four(1.0), ", epsilon"),
        ("moved", moved(0.5, unbiased=True), ", old weight"),
        ("share", initial_share(0.5), ", old weight"),
        ("one_hot", one_hot(1.0), ", epsilon"),
        ("rare", rare(1.0), ", epsilon"),
        ("once", once(1.0), ", epsilon"),
        ("absent", absent(Convention(1.0, 0.5, False, 1.0)), ", old weight"),
        ("layer_joined", layer_joined(1.0), ", epsilon"),
    )
}


def answer(results: Sequence[Result], measures: Measures) -> list[Statement]:
    norms = _norms(results)
    groups = list(_groups(norms))
    texts = [text for group in groups for text in about_learning(group)]
    texts += [text for group in groups for text in _cost_of(group, measures)]
    texts += [*_about_place(norms), *_about_one_hot(norms), *_about_moving(norms), *_about_awkward(norms)]
    return [Statement(text) for text in texts]


def brief(results: Sequence[Result], measures: Measures) -> list[Statement]:
    norms = _norms(results)
    groups = sorted(_groups(norms), key=lambda group: (group[0].case.train_steps, len(group)), reverse=True)
    told: list[Statement] = []
    if groups:
        ids = tuple(each.case_id for each in groups[0])
        told += [Statement(text, ids) for text in _gain(groups[0])]
    texts = [*_one_hot_in_brief(norms), *_about_place(norms)][:1]
    return [*told, *(Statement(text, (), tuple(each.case_id for each in norms)) for text in texts)][:3]


def _gain(group: Sequence[Result]) -> Iterator[str]:
    if best := differences(group):
        clear = {name: each for name, each in best.items() if separates(each, 0.0)}
        harmful = {name: each for name, each in differences(group, which=RARE_ONES).items() if (each.low or 0) > 1}
        unclear = [name for name in best if name not in clear and name not in harmful]
        text = (
            f"{group[0].case.contender}: after {group[0].case.train_steps} steps, each at its best rate, the "
            f"loss changes by {shown(clear) if clear else 'nothing that is shown'} nats"
        )
        text += f"; cannot tell: {listed_with(unclear)}" if unclear else ""
        yield text + (f"; for rare categories by {shown(harmful)}." if harmful else ".")


def _norms(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.case.workload == "normalization" and result.audited]


def _groups(norms: Sequence[Result]) -> Iterator[list[Result]]:
    """Results of a contender and size, that without a norm first."""
    by_size: dict[tuple[object, ...], list[Result]] = {}
    for result in norms:
        by_size.setdefault(tuple(getattr(result.case, axis) for axis in SIZES), []).append(result)
    for group in by_size.values():
        group.sort(key=lambda each: each.case.norm != OFF)
        if group[0].case.norm == OFF and len(group) > 1:
            yield group


def _cost_of(group: Sequence[Result], measures: Measures) -> Iterator[str]:
    time = measures.summary(group[0], TIME)
    ratios = {each.case.norm: measures.ratio(each, group[0], TIME) for each in group[1:]}
    told = [f"{norm} {_longer(more)}" for norm, more in ratios.items() if more is not None]
    if told and isinstance(time, Summary) and not isinstance(time, Absent):
        yield (
            f"{with_version(group[0])}: a step without a norm takes {seconds_text(time)}. Times as long: "
            f"{', '.join(told)}."
        )


def _longer(more: Summary) -> str:
    shown_apart = separates(more, 1.0)
    if shown_apart is None:
        return f"{factor_text(more)} (no interval)"
    return factor_text(more) if shown_apart else f"cannot tell, {factor_text(more)}"


def _by_value(results: Sequence[Result], name: str, text: Callable[[Claim], str]) -> str:
    """'30.1 (one and two) or 95.3 (three)': the numbers of claims that hold at a contender's own defaults."""
    found: dict[str, dict[str, None]] = {}
    for result in results:
        made = [each for each in claims_of(result).values() if each.name.startswith(BY_DEFAULT[name])]
        for claim in made[:1]:
            if standing_of(claim) == "holds":
                found.setdefault(text(claim), {})[contenders_of([result])[0]] = None
    return listed_with((f"{value} ({listed_with(who)})" for value, who in found.items()), "or") if found else ""


def _numbers(form: str = ".4g") -> Callable[[Claim], str]:
    return lambda claim: " and ".join(f"{each:{form}}" for each in claim.got if each is not None)


def _about_place(norms: Sequence[Result]) -> Iterator[str]:
    if who := who_holds(norms, JOINED):
        yield (
            f"Batch norm of a concatenation is the concatenation of batch norms, within rounding "
            f"({everyone(who, contenders_of(norms))}): its place matters for the one-hot columns alone."
        )
    if joined := _by_value(norms, "layer_joined", _numbers()):
        yield (
            f"Layer norm is another matter, as it mixes the columns of a row: the 1 of (1, 3) becomes, alone and "
            f"joined to a one-hot (0, 1), {joined}. It treats a row alike in any batch."
        )


def _one_hot_in_brief(norms: Sequence[Result]) -> Iterator[str]:
    made = [each for result in norms for each in claims_of(result).values() if each.name.startswith(BY_DEFAULT["rare"])]
    values = sorted(claim.got[0] or 0.0 for claim in made if standing_of(claim) == "holds")
    if values:
        yield f"Batch norm makes {values[0]:.3g} to {values[-1]:.3g} of a one-hot 1 with p = 1e-4, by its epsilon."


def _about_one_hot(norms: Sequence[Result]) -> Iterator[str]:
    often, seldom, once_, lacking = (
        _by_value(norms, name, _numbers()) for name in ("one_hot", "rare", "once", "absent")
    )
    if often and seldom and once_ and lacking:
        yield (
            f"Batch norm of one-hot columns at the defaults: for p = 0.1, 1 and 0 become {often}. For p = 1e-4, 1 "
            f"becomes {seldom}; a training batch of 32 makes at most {once_} of it, and a prediction after {STEPS} "
            f"steps without the category {lacking}. So a rare category meets weights that never saw such numbers. "
            f"Advice to normalize one-hot columns as well (datascience.stackexchange.com/q/31652) leaves this out."
        )


def _about_moving(norms: Sequence[Result]) -> Iterator[str]:
    step, share, output = (_by_value(norms, name, _numbers(".7g")) for name in ("moved", "share", "four"))
    if step and share and output:
        yield f"Batch norm of 1, 2, 3, 4 makes of the 4: {output}. Moving mean and variance after this step: {step}."
    if who := who_holds(norms, moved(SLOW, unbiased=False)):
        yield (
            f"Issue 8982 of 2018 calls the moving variance by n, not n - 1, an error for small batches. It is a "
            f"convention, and still that of {everyone(who, contenders_of(norms))}."
        )
    short = _by_value(norms, "share", lambda claim: f"{(claim.got[0] or 0):.2g}")
    if who := who_holds(norms, initial_share(SLOW)):
        yield (
            f"After {STEPS} steps the moving variance still has this share of its initial 1: {short}. Predictions of a "
            f"short training are then bad for this reason, which looks like overfitting: {listed_with(who)}."
        )


def _about_awkward(norms: Sequence[Result]) -> Iterator[str]:
    at_mean: list[Expected] = [*map(far, FAR), FINITE, FINITE_LATER]
    if who := who_holds(norms, *at_mean):
        yield (
            f"Batch norm keeps the variance of columns with a mean of 8,192 and of 1,048,576, variance 1: "
            f"{everyone(who, contenders_of(norms))}."
        )
    yield from deviations(norms, *at_mean)
    if who := who_holds(norms, *map(layer_far, FAR), LAYER_ALONE, LAYER_CONSTANT):
        yield f"Layer norm keeps it: {everyone(who, contenders_of(norms))}."
    if who := who_holds(norms, CONSTANT):
        yield f"A constant column becomes 0: {everyone(who, contenders_of(norms))}."
    if who := who_holds(norms, ONE_ROW):
        yield f"A training batch of one sample becomes 0, whatever it holds, without an error: {listed_with(who)}."
    yield from deviations(norms, ONE_ROW)
