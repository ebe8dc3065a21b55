"""Contenders of older results that are now a runtime of another contender."""

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
