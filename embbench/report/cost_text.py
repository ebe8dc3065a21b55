"""Sentences about the parts of a step and its least time."""

from embbench.analysis.cost.crossover import Crossover
from embbench.analysis.cost.explanation import Explanation
from embbench.analysis.cost.floor import Floor
from embbench.analysis.cost.parts import ADDS_UP, Phases
from embbench.analysis.cost.passes import Passes
from embbench.cases.case import NO_UPDATE
from embbench.cases.semantics import moves_others
from embbench.report.alternatives import shown_bytes
from embbench.report.figures import brief, percent
from embbench.stats.summary import Summary

WORTH = 0.02  # of a step: a part below this share gets no comparison with the profiler
UNEXPLAINED = 0.25  # of the explained passes: a remainder above this share gets a sentence
SEEN = 0.5  # passes: fewer passes count as none


def why_it_grows(explanation: Explanation, passes: Passes) -> str:
    """The passes over the table that equal the measured growth, and their causes."""
    case = explanation.case
    update = "" if case.update == NO_UPDATE else f"{case.update} {case.optimizer} "
    text = (
        f"The {update}update should read or write the table of {shown_bytes(explanation.table_bytes)} "
        f"{passes.derived:.0f} times a step. The measured growth equals {_between(passes.measured)} such passes."
    )
    if passes.kernel is not None and passes.kernel.center >= SEEN:
        taken = explanation.result.rounds[-1].machine.get("free_page_reporting")
        text += f" {_between(passes.kernel)} of them are page faults: the step gives memory back and asks for it again."
        text += " The hypervisor takes the memory meanwhile." if taken else ""
    if passes.roots is not None and passes.roots.center >= SEEN:
        text += f" {_between(passes.roots)} of them are square roots of optimizer state that is still zero."
    rest = passes.unexplained
    if abs(rest) > UNEXPLAINED * passes.explained:
        what = f"{rest:.0f} passes are not explained" if rest > 0 else f"The measurement has {-rest:.0f} passes fewer"
        text += f" {what}: caches, temporary arrays, or a machine whose speed changed."
    return text


def where_it_goes(phases: Phases) -> str:
    """The parts of a step, and whether the parts add up to the step."""
    parts = " · ".join(f"{name} {_part(part, phases.step)}" for name, part in phases.parts.items())
    share, step = phases.missing.center / phases.step.center, brief(phases.step.center)
    if abs(share) <= ADDS_UP:
        sum_ = f"The parts add up to a step within {percent(abs(share))}."
    elif phases.add_up:
        ends = (_lacking(each / phases.step.center) for each in (phases.missing.low or 0.0, phases.missing.high or 0.0))
        sum_ = f"The parts add up to between {' and '.join(ends)} than a step of {step}."
    else:
        sum_ = f"The parts add up to {_lacking(share)} than a step of {step}."
    overlap = (
        " The host starts a part while the GPU makes another." if phases.on_gpu and phases.missing.center < 0 else ""
    )
    return f"{parts}. {sum_}{overlap}{_profiled(phases)}"


def least_time(explanation: Explanation, least: Floor, lazy: Floor) -> str:
    """The time that the bytes and operations of a step need at this machine's rates."""
    semantic = explanation.result.semantic
    moved = (
        "every row moves" if moves_others(semantic) else "no row moves" if semantic == "frozen" else "touched rows move"
    )
    parts = f"lookup {brief(least.lookup)}, network {brief(least.network)}, update {brief(least.update)}"
    text = (
        f"This training, in which {moved}, needs {brief(least.total)} at the rates measured on this machine ({parts}). "
        f"A step takes {explanation.seconds.center / least.total:.2g} times that."
    )
    if least != lazy:
        text += f" If only the rows of the batch moved, a step would need {brief(lazy.total)}."
    return text


def crossing(each: Crossover, faster: tuple[float, float], slower: tuple[float, float], update: str) -> str:
    """The share of touched rows at which the faster update changes. faster, slower: shares of the table's rows, U/V."""
    if faster[1] < slower[0]:
        text = f"{each.update} is faster up to {faster[1]:.2g} of the rows touched, {update} from {slower[0]:.2g} on"
    elif slower[1] < faster[0]:
        text = f"{update} is faster up to {slower[1]:.2g} of the rows touched, {each.update} from {faster[0]:.2g} on"
    else:
        text = (
            f"{each.update} is faster at some of {faster[0]:.2g} to {faster[1]:.2g} of the rows touched, {update} at "
            f"some of {slower[0]:.2g} to {slower[1]:.2g}: this share alone does not decide"
        )
    return f"{text} ({each.cases} cases)."


def _between(passes: Summary) -> str:
    """'121 (66 to 177)'"""
    if passes.low is None or passes.high is None:
        return f"{passes.center:.0f}"
    return f"{passes.center:.0f} ({passes.low:.0f} to {passes.high:.0f})"


def _lacking(share: float) -> str:
    """'8% less'"""
    return f"{percent(abs(share))} {'less' if share > 0 else 'more'}"


def _part(part: Summary, step: Summary) -> str:
    """'3.3 s (68%)'. A part is a difference of two programs, so it may come out below 0 or above the whole step. The
    text then says so without a number.
    """
    if part.center > 0:
        share = part.center / step.center
        return f"{brief(part.center)} ({percent(share) if share <= 1 else 'no less than a step'})"
    return "no time shown" if part.high is None or part.high <= 0 else f"less than {brief(part.high)}"


def _profiled(phases: Phases) -> str:
    """The profiler's difference for every part above WORTH."""
    texts = [
        f"{name} {'+' if apart >= 0 else '-'}{percent(abs(apart))}"
        for name, apart in phases.against_profiler().items()
        if phases.profiled[name].center > WORTH * phases.step.center
    ]
    whose = (
        "The GPU's kernels, by the framework's profiler, differ"
        if phases.on_gpu
        else "The framework's profiler differs"
    )
    return f" {whose}: {', '.join(texts)}." if texts else ""
