"""What grows in a user's own model, by steps that took turns."""

import re

import msgspec
import pytest

from embbench.cases.case import make_case
from embbench.report.own_model_json import as_json
from tests.made_up import in_turn, measured
from tests.report.test_own_model_document import FOUND, TABLE, case, own, text


def turned(ratios: dict[int, tuple[float, ...]], own_rows: int = 200_000) -> list:
    """Three rounds of each number of rows, whose times scatter as those of a busy machine; ratios: to the user's own
    step, of steps in turn.
    """
    lines = measured(case(own_rows), [0.10, 0.19, 0.13])
    for vocab, found in ratios.items():
        several = measured(case(vocab), [0.17, 0.09, 0.14])
        lines += [in_turn(line, case(own_rows), ratio) for line, ratio in zip(several, found, strict=True)]
    return lines


def test_steps_in_turn_decide_where_times_of_processes_scatter() -> None:
    told = text(own(turned({25_000: (0.959, 0.960, 0.961), 100_000: (0.97, 0.98, 0.99)})))
    assert "The table is not the problem: 4.4% (" in told  # between 0.04 * 8 / 7 and 0.02 * 2
    assert "Half of a step would grow with the table from 4.3M rows on." in told  # 200k * 0.956 / 0.044
    told = text(own(turned({25_000: (0.995, 1.0, 1.005), 100_000: (0.99, 1.0, 1.01)})))
    assert re.search(r"The table is not the problem: at most [0-9.]+% of a step of 130 ms at 200k rows grows", told)
    added = text(own(turned({400_000: (1.9, 2.0, 2.1), 800_000: (3.4, 3.5, 3.6)})))
    assert "The table is the problem: 87% (" in added  # between 2.5 / 3 and 1.0


def test_further_tables_are_compared_with_the_users_own_step() -> None:
    other = msgspec.structs.replace(TABLE, name="users.weight", rows=10_000, size=5_120_000)
    grown = make_case(
        {"contender": "wlm:build", "workload": "own_model", "vocab": 40_000, "update": "default", "grown": 2}
    )
    lines = turned({400_000: (1.9, 2.0, 2.1), 800_000: (3.4, 3.5, 3.6)})
    lines += [
        in_turn(line, case(), ratio) for line, ratio in zip(measured(grown, [0.1] * 3), (1.1, 1.2, 1.3), strict=True)
    ]
    made = own(lines, msgspec.structs.replace(FOUND, tables=(TABLE, other)))
    assert "With 40k instead of 10k rows of users.weight, a step takes 1.2" in text(made, whole=True)
    (group,) = as_json(made)["grows"]["groups"]
    assert (group["tables"], group["values"], group["share"]["center"]) == (
        ["users.weight"], (10_000, 40_000), pytest.approx(0.2 / 3),
    )  # fmt: skip
