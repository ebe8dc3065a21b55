"""The least time of a step of a user's own model, by closed forms."""

import msgspec
import pytest

from embbench.analysis.cost.own_floor import own_floor
from embbench.cases.found_model import FoundModel
from embbench.cases.found_table import FoundTable
from tests.made_up import ceilings

ROWS, COLUMNS, UNIQUE = 2_000_000, 128, 1000
BYTES = ROWS * COLUMNS * 4
TABLE = FoundTable(
    name="table",
    rows=ROWS,
    columns=COLUMNS,
    size=BYTES,
    dtype="float32",
    operation="embedding",
    where="",
    lookups=2048,
    unique=UNIQUE,
    trains=True,
    sparse_gradient=False,
    padding=None,
    optimizer="Adam",
    states={"exp_avg": (ROWS, COLUMNS), "exp_avg_sq": (ROWS, COLUMNS)},
    uses=(),
    moves="earlier",
    semantic="dense",
    because=(),
)
MODEL = FoundModel(
    framework="torch", tables=(TABLE,), changes=(), parts={}, batches=1, addable=True, alike=False, notes=(),
    operations=1e9,
)  # fmt: skip


def of(**changes):
    """The floor where the table has other values."""
    table = msgspec.structs.replace(TABLE, **changes)
    return own_floor(msgspec.structs.replace(MODEL, tables=(table,)), ceilings())


def test_a_dense_update_reads_and_writes_table_and_state() -> None:
    floor = of()
    assert floor.update == pytest.approx(6 * BYTES / 10e9)
    assert floor.lookup == pytest.approx(UNIQUE * 512 / 3e9)
    assert floor.network == pytest.approx(1e9 / 90e9)


def test_an_update_of_the_batch_moves_its_rows() -> None:
    assert of(moves="batch", semantic="lazy").update == pytest.approx(3 * UNIQUE * 512 * (1 / 3e9 + 1 / 2e9))
    assert of(moves="batch", semantic="exact", states={}).update == pytest.approx(UNIQUE * 512 * (1 / 3e9 + 1 / 2e9))
    rowwise = of(moves="batch", semantic="rowwise", states={"sum": (ROWS, 1)})
    assert rowwise.update == pytest.approx(UNIQUE * (512 + 4) * (1 / 3e9 + 1 / 2e9))


def test_weights_that_stay_are_not_moved() -> None:
    assert of(moves="state", states={"square_avg": (ROWS, COLUMNS)}).update == pytest.approx(2 * BYTES / 10e9)
    assert of(moves="none", semantic="frozen", states={}).update == 0


def test_tables_add_up_and_wider_numbers_take_longer() -> None:
    two = own_floor(msgspec.structs.replace(MODEL, tables=(TABLE, TABLE)), ceilings())
    assert two.update == pytest.approx(2 * of().update)
    wide = own_floor(msgspec.structs.replace(MODEL, itemsize=8), ceilings())
    assert wide.network == pytest.approx(2 * of().network)


def test_without_a_rate_there_is_no_floor() -> None:
    kept = tuple(rate for rate in ceilings().rates if rate.kind != "product")
    assert own_floor(MODEL, ceilings(rates=kept)) is None
