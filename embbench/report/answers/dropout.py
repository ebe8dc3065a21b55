"""What does dropout of an LSTM's inputs, hidden states and outputs do, and what does it cost?"""

from collections.abc import Iterator, Sequence

from embbench.analysis.collapse.claims import claims_of
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.claim import Expected
from embbench.cases.units import format_quantity
from embbench.plain import one_line
from embbench.report.answers._dropout_learnt import about_learning, in_brief, learning
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
from embbench.workloads._dropout_expected import (
    ANEW,
    GATES_BESIDE,
    MASK,
    ONE_LAYER,
    ONE_LAYER_WARNS,
    PER_STEP,
    PLACES,
    PREDICTED,
    RATE,
    SHOWN_SEED,
    kept,
    over_gates,
    over_time,
    zeros,
)

TIME = "step_time"
OFF, INPUT, RECURRENT, CONTROL = "off", "input", "recurrent", "recurrent_control"
ALIKE = 1.25  # two factors: of recurrent dropout, and of the same program at a rate that drops nothing
SLOW = 1.2  # times a step without dropout, from which on a reason is given
SIZES = ("contender", "hidden", "layers", "batch", "seq", "device", "dtype", "threads", "runtime")
REPORTED = (
    "A report of 2020 (issue 38236, TF 2.1, GPU) has 17 minutes instead of 40 s, 25 times as long, because recurrent "
    "dropout left the GPU's fused kernel, as cuDNN has no recurrent dropout (issue 40944)."
)


def answer(results: Sequence[Result], measures: Measures) -> list[Statement]:
    dropping = _dropping(results)
    texts = [*_about_rate(dropping), *_about_time(dropping), *_about_gates(dropping), *_about_seeds(dropping)]
    costs = [text for group in _groups(dropping, measures) for text in _cost_of(group, measures)]
    learnt = about_learning(dropping)
    return [Statement(text) for text in (*learnt, *texts, *costs, *_about_report(dropping, measures))]


def brief(results: Sequence[Result], measures: Measures) -> list[Statement]:
    dropping = _dropping(results)
    if learnt := learning(dropping):
        return [Statement(text, (), tuple(each.case_id for each in learnt)) for text in in_brief(learnt)]
    groups = list(_groups(dropping, measures))
    with_control = [group for group in groups if _ratio(CONTROL, group, measures) is not None] or groups
    shown = [each for group in with_control for each in group if each.case.dropout in (OFF, RECURRENT)]
    told = [*_cost_of_recurrent(with_control, measures), *_masks_in_brief(dropping), *_cost_of_others(groups, measures)]
    return [Statement(text, tuple(each.case_id for each in shown)) for text in told]


def _dropping(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.case.workload == "dropout" and result.audited]


def _known(result: Result, expected: Expected) -> bool:
    claim = claims_of(result).get(expected.name)
    return claim is not None and bool(claim.known)


def _about_rate(results: Sequence[Result]) -> Iterator[str]:
    if who := who_holds(results, zeros(INPUT), kept(INPUT)):
        yield (
            f"The rate is the share that is dropped, and kept numbers are multiplied by 1/(1 - rate), "
            f"{1 / (1 - RATE):.4f} at rate {RATE}: {everyone(who, contenders_of(results))}. Wrappers of TF 1 take the "
            f"share that is kept: {RATE} there is a rate of {1 - RATE} here."
        )


def _by_time(results: Sequence[Result]) -> tuple[list[str], list[str]]:
    """Kinds of dropout with one mask for all time steps, and those with a mask per time step."""
    by_kind = {kind: [each for each in results if each.case.dropout == kind] for kind in PLACES}
    held = [kind for kind, found in by_kind.items() if who_holds(found, over_time(kind))]
    return [kind for kind in held if kind not in PER_STEP], [kind for kind in held if kind in PER_STEP]


def _masks_in_brief(results: Sequence[Result]) -> Iterator[str]:
    one, many = _by_time(results)
    four = contenders_of(each for each in results if _known(each, over_gates(RECURRENT)))
    texts = []
    if one:
        by_gate = f" (recurrent: one for each gate in {listed_with(four)})" if four else ""
        texts.append(f"One mask for all time steps: {listed_with(one)}{by_gate}.")
    if many:
        texts.append(f"A mask per time step: {listed_with(many)}.")
    if texts:
        yield " ".join(texts)


def _about_time(results: Sequence[Result]) -> Iterator[str]:
    one, many = _by_time(results)
    if one:
        yield f"One mask for all time steps (variational): {listed_with(one)}."
    if many:
        yield f"A new mask at each time step: {listed_with(many)}."
    if who := who_holds(results, ANEW, PREDICTED):
        who_text = everyone(who, contenders_of(results))
        yield f"Each batch has new masks, and a prediction drops nothing and scales nothing: {who_text}."


def _about_gates(results: Sequence[Result]) -> Iterator[str]:
    if who := who_holds(results, over_gates(RECURRENT)):
        yield f"Recurrent dropout has one mask for all gates where it is the user's own loop: {listed_with(who)}."
    yield from deviations(results, over_gates(RECURRENT), GATES_BESIDE)
    if who := who_holds(results, ONE_LAYER, ONE_LAYER_WARNS):
        who_text = listed_with(who)
        yield f"nn.LSTM(dropout=) drops between layers only. With one layer it drops nothing, and warns: {who_text}."


def _about_seeds(results: Sequence[Result]) -> Iterator[str]:
    masks = {one_line(each.case.contender): mask for each in results if (mask := _fact(each, MASK))}
    if len(masks) < 2:
        return
    same = len(masks) - len(set(masks.values()))
    found = "have different masks" if not same else "have partly equal masks"
    yield f"With seed {SHOWN_SEED}, {listed_with(masks)} {found}: for equal masks in two frameworks, feed them (fed)."


def _groups(dropping: Sequence[Result], measures: Measures) -> Iterator[list[Result]]:
    """Results of a contender and size, those without dropout first, where these have a time."""
    by_size: dict[tuple[object, ...], list[Result]] = {}
    for result in dropping:
        if not isinstance(measures.summary(result, TIME), Absent):
            by_size.setdefault(tuple(getattr(result.case, axis) for axis in SIZES), []).append(result)
    for group in by_size.values():
        group.sort(key=lambda each: each.case.dropout != OFF)
        if group[0].case.dropout == OFF and len(group) > 1:
            yield group


def _ratio(kind: str, group: Sequence[Result], measures: Measures) -> Summary | None:
    """Times a step without dropout."""
    found = next((each for each in group if each.case.dropout == kind), None)
    return None if found is None else measures.ratio(found, group[0], TIME)


def _fact(result: Result, name: str) -> str:
    return next((round_.ran[name] for round_ in result.good if name in round_.ran), "")


def _cost_of(group: Sequence[Result], measures: Measures) -> Iterator[str]:
    """Of a contender and size: recurrent dropout with its reason, and the other kinds."""
    plain = group[0]
    time = measures.summary(plain, TIME)
    assert isinstance(time, Summary)
    layers = f" with {plain.case.layers} layers" if plain.case.layers > 1 else ""
    text = f"{with_version(plain)}{layers}: a step without dropout takes {seconds_text(time)}"
    if (recurrent := _ratio(RECURRENT, group, measures)) is not None:
        text += f"; recurrent dropout takes {factor_text(recurrent)} times as long"
        if (control := _ratio(CONTROL, group, measures)) is not None:
            text += f" ({factor_text(control)} at rate 1e-9, which drops nothing)"
        text += _reason(group, recurrent)
    others = {kind: _ratio(kind, group, measures) for kind in dict.fromkeys(each.case.dropout for each in group)}
    told = [
        f"{kind} {factor_text(more)}"
        for kind, more in others.items()
        if more is not None and kind not in (OFF, RECURRENT, CONTROL)
    ]
    yield text + (f". Times as long: {', '.join(told)}." if told else ".")


def _reason(group: Sequence[Result], slower: Summary) -> str:
    recurrent = next(each for each in group if each.case.dropout == RECURRENT)
    before, now = (one_line(_fact(each, "lstm")) for each in (group[0], recurrent))
    if not before or before == now:
        return f"; the LSTM is computed in the same way ({now})" if now else ""
    also = ", in predictions too" if _fact(recurrent, "lstm in predictions") == now else ""
    why = ", because" if slower.center > SLOW and separates(slower, 1.0) is not False else ";"
    return f"{why} the LSTM is computed in another way: {now} instead of {before}{also}"


def _about_report(dropping: Sequence[Result], measures: Measures) -> Iterator[str]:
    found = _by_contender(RECURRENT, list(_groups(dropping, measures)), measures)
    if found:
        where = listed_with(dict.fromkeys(each.case.device for each in dropping))
        yield f"{REPORTED} Here ({where}) recurrent dropout takes {_between(found)} times as long."


def _cost_of_recurrent(groups: Sequence[Sequence[Result]], measures: Measures) -> Iterator[str]:
    found, control = (_by_contender(kind, groups, measures) for kind in (RECURRENT, CONTROL))
    if not found:
        return
    text = f"Recurrent dropout takes {_between(found)} times as long as no dropout"
    if control:
        text += f"; at rate 1e-9, which drops nothing, {_between(control)}"
        shares = [found[name].center / more.center for name, more in control.items() if name in found]
        if max(more.center for more in control.values()) > SLOW and all(1 / ALIKE < each < ALIKE for each in shares):
            text += ": the program costs, not the dropping"
    yield f"{text}."


def _cost_of_others(groups: Sequence[Sequence[Result]], measures: Measures) -> Iterator[str]:
    found = {kind: _by_contender(kind, groups, measures) for kind in (INPUT, "output", "fed")}
    told = [f"{kind} {_range(by_name)}" for kind, by_name in found.items() if by_name]
    if told:
        yield f"Times as long: {', '.join(told)}."


def _by_contender(kind: str, groups: Sequence[Sequence[Result]], measures: Measures) -> dict[str, Summary]:
    """Of the first size of a contender that has the kind."""
    found: dict[str, Summary] = {}
    for group in groups:
        if (more := _ratio(kind, group, measures)) is not None:
            found.setdefault(one_line(group[0].case.contender), more)
    return found


def _between(by_name: dict[str, Summary]) -> str:
    """'1.8 (one) to 4.1 (two)'"""
    ordered = sorted(by_name.items(), key=lambda each: each[1].center)
    return " to ".join(dict.fromkeys(f"{_rounded(more)} ({name})" for name, more in (ordered[0], ordered[-1])))


def _range(by_name: dict[str, Summary]) -> str:
    """'1.0 to 1.2', without names."""
    ordered = sorted(by_name.values(), key=lambda each: each.center)
    return " to ".join(dict.fromkeys(_rounded(each) for each in (ordered[0], ordered[-1])))


def _rounded(summary: Summary) -> str:
    return format_quantity(summary.center, "1", 2)
