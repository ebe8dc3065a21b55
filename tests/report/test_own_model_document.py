"""The screen of a user's own model: the verdict, why, and what helps, never more than was measured."""

import json
import re

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.floor import Floor
from embbench.analysis.cost.own_model import own_cost
from embbench.cases.case import make_case
from embbench.cases.found_change import FoundChange
from embbench.cases.found_model import FoundModel
from embbench.cases.found_table import FoundTable
from embbench.report.own_model import OwnModel
from embbench.report.own_model_document import own_model_document
from embbench.report.own_model_json import as_json
from embbench.report.writers import write
from tests.made_up import measured

TABLE = FoundTable(
    name="encoder.weight",
    rows=200_000,
    columns=128,
    size=102_400_000,
    dtype="float32",
    operation="embedding",
    where="wlm.py:12",
    lookups=2048,
    unique=1800,
    trains=True,
    sparse_gradient=False,
    padding=None,
    optimizer="Adam",
    states={"exp_avg": (200_000, 128)},
    uses=(),
    moves="earlier",
    semantic="dense",
    because=("the lookup has a dense gradient (embedding at wlm.py:12)", "Adam keeps moving rows of earlier batches"),
)
FUSED = FoundChange(
    name="fused",
    summary="fused=True",
    training="same",
    difference=1e-7,
    identical=False,
    why="",
    patch="wlm.py:\n-a\n+b",
)
SPARSE = FoundChange(
    name="sparse",
    summary="sparse=True",
    training="other",
    difference=0.1,
    identical=False,
    why="encoder.weight is lazy instead of dense",
    patch="",
)
REFUSED = FoundChange(
    name="rowwise", summary="", training="refused", difference=None, identical=False, why="no nn.Embedding", patch=""
)
FOUND = FoundModel(
    framework="torch",
    tables=(TABLE,),
    changes=(FUSED, SPARSE, REFUSED),
    parts={"step": [0.17] * 6, "forward": [0.02] * 6, "update_table": [0.14, 0.15, 0.15, 0.15, 0.15, 0.16]},
    batches=64,
    addable=True,
    alike=False,
    notes=(),
)


def case(vocab: int = 200_000, update: str = "default"):
    return make_case({"contender": "wlm:build", "workload": "own_model", "vocab": vocab, "update": update})


def rounds(seconds: dict[int, float], **changes: float) -> list:
    """Three rounds each, 1 % apart. seconds: rows -> of the own step. changes: of the largest size."""
    cases = {case(vocab): value for vocab, value in seconds.items()}
    cases |= {case(max(seconds), update): value for update, value in changes.items()}
    return [
        line for each, value in cases.items() for line in measured(each, [value * share for share in (0.99, 1, 1.01)])
    ]


def own(lines: list, found: FoundModel = FOUND) -> OwnModel:
    results = collapse(lines)
    return OwnModel("wlm.py:build", found, own_cost(results, Measures(results), "default", TABLE.rows, {2: 10_000}))


def text(made: OwnModel, whole: bool = False) -> str:
    return " ".join(write(own_model_document(made), "text", 10_000, details=whole).split())


GROWING = {25_000: 0.030, 100_000: 0.090, 200_000: 0.170}
FLAT = {25_000: 0.1000, 100_000: 0.1004, 200_000: 0.1010}


def test_a_step_that_grows_has_the_table_as_its_problem() -> None:
    told = text(own(rounds(GROWING, fused=0.05, sparse=0.012)))
    assert "The table is the problem: 94%" in told
    assert "of a step of 170 ms at 200k rows grows with its rows." in told
    assert "encoder.weight (200k × 128, 102 MB) is dense" in told
    assert "wlm.py:12" in told


def test_a_step_that_hardly_grows_says_from_where_on_it_would() -> None:
    told = text(own(rounds({25_000: 0.1, 100_000: 0.1043, 200_000: 0.11})))
    assert "The table is not the problem: " in told
    assert "Half of a step would grow with the table from" in told


def test_a_step_that_is_not_shown_to_grow_says_how_much_it_could() -> None:
    told = text(own(rounds(dict.fromkeys(FLAT, 0.1))))
    assert re.search(r"The table is not the problem: at most [0-9.]+% of a step of 100 ms at 200k rows grows", told)


def test_times_on_no_line_are_compared_with_the_smallest_size() -> None:
    told = text(own(rounds({25_000: 0.050, 100_000: 0.16, 200_000: 0.17})))
    assert "The table is the problem: 81% (" in told  # 0.12 / 0.17 * 8 / 7
    assert "of a step of 170 ms at 200k rows grows" in told


def test_added_rows_are_compared_with_the_users_size() -> None:
    told = text(own(rounds({200_000: 0.1, 400_000: 0.2, 800_000: 0.21})))
    assert "The table is the problem: 37% (" in told  # 0.11 / 0.1 / 3


def test_the_best_change_with_the_same_training_is_advised() -> None:
    told = text(own(rounds(GROWING, fused=0.05, sparse=0.012)))
    assert "With fused=True, it takes 0.29" in told
    assert "times as long, and the training stays the same." in told
    assert "stays the same" not in text(own(rounds(GROWING, fused=0.17, sparse=0.012)))


def test_sparse_tables_are_left_as_they_are() -> None:
    sparse = msgspec.structs.replace(TABLE, sparse_gradient=True, moves="batch", semantic="lazy")
    told = text(own(rounds(FLAT), msgspec.structs.replace(FOUND, tables=(sparse,), changes=())))
    assert "sparse already, or there are none: change nothing." in told


def test_other_weights_that_grow_are_named() -> None:
    found = msgspec.structs.replace(FOUND, grown=("decoder.weight", "decoder.bias"))
    told = text(own(rounds(GROWING), found))
    assert "The vocabulary is the problem: 94%" in told
    assert "decoder.weight and decoder.bias grew with the rows too." in told


def test_times_that_scatter_tell_nothing() -> None:
    lines = measured(case(100_000), [0.1, 0.14, 0.2]) + measured(case(200_000), [0.12, 0.2, 0.1])
    assert text(own(lines)).count("Cannot tell yet whether a step of") == 1


def test_changes_are_shown_with_their_training_the_same_first() -> None:
    told = text(own(rounds(GROWING, fused=0.05, sparse=0.012)), whole=True)
    assert told.index("fused=True") < told.index("sparse=True")
    assert "other: encoder.weight is lazy instead of dense" in told
    assert "same, but for 1e-07" in told
    assert "Rowwise is not possible: no nn.Embedding." in told


def test_changes_without_a_time_are_named_with_the_reason() -> None:
    assert "No time is shown for fused and retained: no round was made; give the command more time" in text(
        own(rounds(GROWING, sparse=0.012))
    )
    made = own(rounds(GROWING, fused=0.05, sparse=0.012))
    changes = tuple(
        msgspec.structs.replace(each, seconds=None, ratio=None, reason="the machine slept")
        for each in made.cost.changes
    )
    told = text(msgspec.structs.replace(made, cost=msgspec.structs.replace(made.cost, changes=changes)))
    assert "No time is shown for fused and sparse: the machine slept." in told


def test_the_least_time_of_a_step_is_told() -> None:
    made = msgspec.structs.replace(own(rounds(GROWING)), floor=Floor(0.001, 0.002, 0.007))
    assert "Its tables alone need at least" in text(made)
    counted = msgspec.structs.replace(made, found=msgspec.structs.replace(FOUND, operations=1e9))
    assert "The step needs at least" in text(counted)
    assert "it takes 17 times that" in text(counted)
    assert as_json(made)["floor"]["total"] == pytest.approx(0.01)


def test_a_patch_is_shown_as_lines_of_a_file() -> None:
    lines = write(own_model_document(own(rounds(GROWING, fused=0.05))), "text", 80, details=True).splitlines()
    at = lines.index("  -a")
    assert lines[at - 2 : at + 2] == ["fused, for `git apply`:", "  wlm.py:", "  -a", "  +b"]


def test_a_single_size_tells_nothing_of_growth() -> None:
    assert "Give the function a parameter `vocab`" in text(own(rounds({200_000: 0.17})))


def test_nothing_measured_is_said() -> None:
    told = text(OwnModel("wlm.py:build", FOUND, None))
    assert "was not measured" in told


def test_without_a_table_there_is_nothing_to_explain() -> None:
    told = text(OwnModel("wlm.py:build", msgspec.structs.replace(FOUND, tables=(), changes=()), None))
    assert "no embedding table" in told


@pytest.mark.parametrize("seconds", [GROWING, FLAT])
def test_a_first_screen_has_few_lines(seconds: dict[int, float]) -> None:
    made = own(rounds(seconds, fused=0.05, sparse=0.012))
    lines = write(own_model_document(made), "text", 100, details=False).splitlines()
    verdict = lines[: lines.index("", 2)]
    assert len(verdict) <= 10
    assert len(lines) <= 25


def test_json_has_base_units_and_every_change() -> None:
    data = json.loads(msgspec.json.encode(as_json(own(rounds(GROWING, fused=0.05, sparse=0.012)))))
    assert data["step_time"]["center"] == pytest.approx(0.17)
    (table,) = data["tables"]
    assert (table["name"], table["bytes"], table["class"], table["moves"]) == (
        "encoder.weight", 102_400_000, "dense", "earlier",
    )  # fmt: skip
    assert data["grows"]["share"]["low"] > 0.8
    assert data["parts"]["step"]["center"] == 0.17
    assert data["parts"]["update_table"]["low"] < 0.15 < data["parts"]["update_table"]["high"]
    assert data["floor"] is None
    sizes = {each["rows"]: each["step_time"]["center"] for each in data["grows"]["sizes"]}
    assert sizes == pytest.approx(GROWING)
    changes = {each["name"]: each for each in data["alternatives"]}
    assert changes["fused"]["times_as_long"]["center"] == pytest.approx(0.05 / 0.17, rel=0.01)
    assert {name: each["training"] for name, each in changes.items()} == {
        "fused": "same", "sparse": "other", "rowwise": "refused", "retained": "same",
    }  # fmt: skip
    assert changes["fused"]["patch"] == "wlm.py:\n-a\n+b"
    assert changes["rowwise"]["step_time"] is None
