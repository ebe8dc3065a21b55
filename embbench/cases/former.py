"""Contenders of older results that are now a runtime of another contender."""

from collections.abc import Collection, Mapping

import msgspec

from embbench.cases.case import Case

# Former contender -> (contender, runtime), of 0.1.0 and of the beginning of 0.2.0.
FORMER = {"pytorch_retained": ("pytorch", "retained"), "pytorch_hugepages": ("pytorch", "hugepages")}


def with_todays_names(case: Case) -> Case:
    """The case as today's embbench measures it."""
    if case.contender not in FORMER:
        return case
    contender, runtime = FORMER[case.contender]
    return msgspec.structs.replace(case, contender=contender, runtime=runtime)


def as_asked(case: Case, asked: Mapping[str, Collection[object]]) -> Case:
    """The case to hold against the values that a user asks for, axis by axis. A runtime asks for today's names, unless
    a former contender is asked for too; without a runtime the case keeps the names of its rounds.
    """
    by_today = "runtime" in asked and FORMER.keys().isdisjoint(asked.get("contender", ()))
    return with_todays_names(case) if by_today else case


def flags_of_today(contender: str) -> str:
    """'--contender pytorch --runtime retained' for a former contender; '' for any other name."""
    if contender not in FORMER:
        return ""
    name, runtime = FORMER[contender]
    return f"--contender {name} --runtime {runtime}"
