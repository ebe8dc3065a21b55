"""The tables of a user's own PyTorch model: where they are, what moves, and why."""

import importlib
from pathlib import Path

import pytest

from embbench.cases.found_table import FoundTable
from embbench.errors import UsageError
from tests import own_models

torch = pytest.importorskip("torch")

from embbench.engines.torch.own_model.tables import look_at  # noqa: E402
from tests.own_models.small_classifier import VOCAB, made  # noqa: E402

FOLDER = Path(own_models.__file__).parent
KINDS = ("module", "bag", "select", "index", "functional", "gather")


def tables_of(built) -> dict[str, FoundTable]:
    return {each.name: each for each in look_at(built, "build", FOLDER).tables}


def only_table(**settings) -> FoundTable:
    (found,) = tables_of(made(**settings)).values()
    return found


def fixture_tables(name: str, function: str = "build", **arguments) -> dict[str, FoundTable]:
    module = importlib.import_module(f"tests.own_models.{name}")
    return tables_of(getattr(module, function)(**arguments))


def moves(**settings) -> tuple[str, str]:
    found = only_table(**settings)
    return found.moves, found.semantic


@pytest.mark.parametrize("kind", KINDS)
def test_table_is_found_at_the_operator(kind: str) -> None:
    found = only_table(kind=kind)
    assert (found.rows, found.columns, found.size) == (VOCAB, 6, VOCAB * 6 * 4)
    assert found.lookups == 40
    assert 30 < found.unique <= 40
    assert found.where.startswith("small_classifier.py:")


# The rows that a step moves, by the arithmetic of each optimizer with a gradient of zero.
DENSE = {
    "SGD": ("batch", "exact"),
    "Adagrad": ("batch", "exact"),
    "Adam": ("earlier", "dense"),
    "NAdam": ("earlier", "dense"),
    "Adamax": ("earlier", "dense"),
    "AdamW": ("all", "dense"),
    "RMSprop": ("state", "dense"),
    "Adadelta": ("state", "dense"),
}
SPARSE = {"SGD": ("batch", "exact"), "Adagrad": ("batch", "exact"), "SparseAdam": ("batch", "lazy")}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("optimizer", DENSE)
def test_dense_gradient(kind: str, optimizer: str) -> None:
    assert moves(kind=kind, optimizer=optimizer) == DENSE[optimizer]


@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
@pytest.mark.parametrize("kind", ["module", "bag"])
@pytest.mark.parametrize("optimizer", SPARSE)
def test_sparse_gradient(kind: str, optimizer: str) -> None:
    assert moves(kind=kind, optimizer=optimizer, sparse=True) == SPARSE[optimizer]


@pytest.mark.parametrize("optimizer", DENSE)
def test_weight_decay_moves_every_row(optimizer: str) -> None:
    found = only_table(optimizer=optimizer, weight_decay=0.01)
    assert (found.moves, found.semantic) == ("all", "dense")
    assert "weight decay" in found.because[-1]


@pytest.mark.parametrize("sparse", [False, True])
def test_momentum_moves_rows_of_earlier_batches(sparse: bool) -> None:
    found = only_table(optimizer="SGD", momentum=0.9, sparse=sparse)
    assert (found.moves, found.semantic) == ("earlier", "dense")


@pytest.mark.parametrize("optimizer", DENSE)
def test_padding_changes_no_class(optimizer: str) -> None:
    found = only_table(optimizer=optimizer, padding=0)
    assert (found.moves, found.semantic, found.padding) == (*DENSE[optimizer], 0)


@pytest.mark.parametrize("kind", ["tied", "tied_autocast"])
@pytest.mark.parametrize("optimizer", DENSE)
def test_tied_output_layer_moves_every_row(kind: str, optimizer: str) -> None:
    found = only_table(kind=kind, optimizer=optimizer)
    assert (found.moves, found.semantic, found.shared) == ("all", "dense", True)


@pytest.mark.parametrize("optimizer", DENSE)
def test_penalty_moves_every_row(optimizer: str) -> None:
    found = only_table(optimizer=optimizer, penalty=1e-3)
    assert (found.moves, found.semantic) == ("all", "dense")
    assert [each.kind for each in found.uses] == ["penalty"]
    assert "a term of the loss reads every row (pow at small_classifier.py:" in found.because[0]
    assert "adds nothing" not in found.because[0]


def test_penalty_of_weight_zero_makes_a_sparse_gradient_dense() -> None:
    found = only_table(sparse=True, penalty=0.0)
    assert (found.moves, found.semantic, found.sparse_gradient) == ("batch", "exact", False)
    assert "adds nothing" in found.because[0]


def test_onehot_product_is_a_table() -> None:
    found = only_table(kind="onehot", optimizer="Adam")
    assert found.moves == "earlier"
    assert found.uses[0].kind == "one-hot product"


@pytest.mark.parametrize("kind", ["onehot", "linear"])
@pytest.mark.parametrize("optimizer", DENSE)
def test_onehot_product_moves_as_a_lookup(kind: str, optimizer: str) -> None:
    found = only_table(kind=kind, optimizer=optimizer)
    assert (found.rows, found.columns, found.lookups) == (VOCAB, 6, 40)
    assert (found.moves, found.semantic) == DENSE[optimizer]
    assert found.in_data == only_table().in_data


def test_rows_in_the_data_are_counted_where_batches_end() -> None:
    (words, _), *others = made()[3]
    every = torch.cat([words, *(each for each, _ in others)])
    assert only_table().in_data == len(every.unique())
    *others, batches = made()
    (table,) = tables_of((*others, lambda step: batches[step % 12])).values()
    assert table.in_data is None
    found = fixture_tables("word2vec")
    assert found["center.weight"].in_data
    assert found["context.weight"].in_data is None  # negatives are drawn in the step


def test_products_are_counted() -> None:
    model, optimizer, _, batches = made()
    found = look_at((model, optimizer, torch.nn.CrossEntropyLoss(), batches), "build", FOLDER)
    forward = 2 * 8 * 6 * 5  # 8 samples, a head of 6 × 5
    assert found.operations == 3 * forward
    gates = 4 * 16 * (16 + 16) * 2 * 12 * 8 * 2  # 2 layers of an LSTM
    decoder = 2 * 12 * 8 * 16 * 2000
    lm = look_at(importlib.import_module("tests.own_models.word_language_model").build(), "build", FOLDER)
    assert lm.operations == pytest.approx(3 * (gates + decoder), rel=0.01)


@pytest.mark.parametrize("compiled", ["whole", "part", "in place"])
def test_a_compiled_model_is_looked_at_without_torch_compile(compiled: str) -> None:
    model, optimizer, loss, batches = made(optimizer="Adam")
    match compiled:
        case "whole":
            built = torch.compile(model, backend="eager"), optimizer, loss, batches
        case "part":
            model.head = torch.compile(model.head, backend="eager")
            built = model, optimizer, loss, batches
        case "in place":
            model.compile(backend="eager")
            built = model, optimizer, loss, batches
    found = look_at(built, "build", FOLDER)
    (table,) = found.tables
    assert (table.moves, table.semantic) == DENSE["Adam"]
    assert "without torch.compile" in found.notes[0]


def test_frozen_table() -> None:
    assert moves(frozen=True) == ("none", "frozen")


def test_language_model_of_plain_sgd_moves_rows_of_the_batch() -> None:
    found = fixture_tables("word_language_model")["encoder.weight"]
    assert (found.moves, found.semantic, found.shared, found.optimizer) == ("batch", "exact", False, "")
    assert found.lookups == 96


def test_tied_language_model_names_its_output_layer() -> None:
    found = fixture_tables("word_language_model", "build_tied")["encoder.weight"]
    assert (found.moves, found.semantic, found.shared) == ("all", "dense", True)
    assert "word_language_model.py:" in found.because[0]


def test_row_dropout_is_named() -> None:
    found = fixture_tables("awd_lstm")["encoder.weight"]
    assert {each.kind for each in found.uses} == {"changed rows"}
    assert (found.moves, found.semantic) == ("all", "dense")


def test_tagger_has_two_tables() -> None:
    found = fixture_tables("bilstm_crf")
    assert set(found) == {"words.weight", "shapes.weight"}
    assert found["words.weight"].padding == 0


def test_decay_of_the_table_alone() -> None:
    found = fixture_tables("torchmoji")["embed.weight"]
    assert (found.moves, "weight decay" in found.because[-1]) == ("all", True)
    found = fixture_tables("torchmoji", "build_penalty")["embed.weight"]
    assert (found.moves, [each.kind for each in found.uses]) == ("all", ["penalty"])


def test_sparse_tables_with_random_negatives_are_lazy() -> None:
    found = fixture_tables("word2vec")
    assert {name: each.semantic for name, each in found.items()} == {"center.weight": "lazy", "context.weight": "lazy"}
    assert found["context.weight"].lookups == 64 * 6


def test_tables_that_nothing_reads_are_dead() -> None:
    found = fixture_tables("ncf")
    assert {name: each.semantic for name, each in found.items()} == {
        "users_product.weight": "dense", "items_product.weight": "dense",
        "users_layers.weight": "dead", "items_layers.weight": "dead",
    }  # fmt: skip
    assert found["users_layers.weight"].lookups == 0


def test_small_gpt_counts_all_micro_steps() -> None:
    found = fixture_tables("nanogpt")
    table = found["wte.weight"]
    assert (table.lookups, table.moves, table.shared) == (40 * 2 * 8, "all", True)


def test_same_batch_for_ever_is_noticed() -> None:
    model, optimizer, loss, batches = made()
    assert look_at((model, optimizer, loss, lambda step: batches[0]), "build", FOLDER).alike
    assert not look_at(made(), "build", FOLDER).alike


@pytest.mark.parametrize(
    ("built", "said"),
    [
        (lambda: made()[:3], "returned 3 values"),
        (lambda: ("model", *made()[1:]), "returned str as model"),
        (lambda: (made()[0], 3, *made()[2:]), "returned int as optimizer"),
        (lambda: (*made()[:2], lambda: 0, made()[3]), "0 parameters"),
        (lambda: (*made()[:3], []), "empty"),
        (lambda: (*made()[:3], 5), "returned int as batches"),
        (lambda: (torch.nn.DataParallel(made()[0]), *made()[1:]), "wrapped in DataParallel"),
    ],
)
def test_what_cannot_be_stepped_is_refused(built, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        look_at(built(), "build", FOLDER)
