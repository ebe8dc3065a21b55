"""The tables of a user's own JAX step: where they are, and what moves."""

from pathlib import Path

import pytest

from embbench.cases.found_table import FoundTable
from embbench.errors import UsageError
from tests import own_models

pytest.importorskip("jax")
pytest.importorskip("optax")

from embbench.engines.jax.own_model.program import JaxProgram
from embbench.engines.jax.own_model.tables import look_at
from embbench.engines.own_models import framework_of
from tests.own_models.jax_loop import build

FOLDER = Path(own_models.__file__).parent
# The rows that a step moves, by the arithmetic of each optimizer with a gradient of zero.
MOVES = {
    "sgd": ("batch", "exact"),
    "momentum": ("earlier", "dense"),
    "adam": ("earlier", "dense"),
    "adamw": ("all", "dense"),
    "rmsprop": ("state", "dense"),
}


def only_table(**settings) -> FoundTable:
    (found,) = look_at(build(**settings), "build", FOLDER).tables
    return found


@pytest.mark.parametrize("kind", ["plain", "scan"])
@pytest.mark.parametrize("optimizer", MOVES)
def test_a_lookup_is_found_and_its_rows_move(kind: str, optimizer: str) -> None:
    found = only_table(kind=kind, optimizer=optimizer)
    assert (found.rows, found.columns, found.size) == (2000, 8, 2000 * 8 * 4)
    assert found.lookups == 48
    assert 40 < found.unique <= 48
    assert (found.moves, found.semantic) == MOVES[optimizer]
    assert found.where.startswith("jax_loop.py:")


def test_state_of_the_table_is_found() -> None:
    assert only_table(optimizer="sgd").states == {}
    assert sorted(only_table().states.values()) == [(2000, 8), (2000, 8)]


def test_a_tied_output_layer_moves_every_row() -> None:
    found = only_table(kind="tied", optimizer="sgd")
    assert (found.moves, found.semantic, found.shared) == ("all", "dense", True)
    assert "the output layer shares the table" in found.because[0]


def test_a_stopped_gradient_freezes_the_table() -> None:
    found = only_table(kind="frozen")
    assert (found.moves, found.semantic, found.trains) == ("none", "frozen", False)


def test_the_framework_is_known_by_the_step() -> None:
    assert framework_of(build(), "build") == "jax"


@pytest.mark.parametrize(
    ("built", "said"),
    [
        (lambda: build()[:2], "returned 2 values; return state, step, batches"),
        (lambda: (build()[0], 3, build()[2]), "returned int as step"),
        (lambda: (build()[0], lambda state, batch: 0.0, build()[2]), "returns no state"),
    ],
)
def test_what_cannot_be_stepped_is_refused(built, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        JaxProgram(built(), "build").step()
