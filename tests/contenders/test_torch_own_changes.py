"""Changes of a user's own PyTorch step: which training each gives."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embbench.cases.found_change import FoundChange
from tests import own_models

torch = pytest.importorskip("torch")

from embbench.cases.case import make_case  # noqa: E402
from embbench.cases.contender import Unsupported  # noqa: E402
from embbench.engines.model_file import changes_of, read_model  # noqa: E402
from embbench.engines.own_models import Builder, OwnModule  # noqa: E402
from embbench.engines.own_twin import Twin, compare  # noqa: E402
from embbench.engines.torch.own_model.change import change_named  # noqa: E402
from embbench.engines.torch.own_model.program import TorchProgram  # noqa: E402
from embbench.engines.torch.own_model.tables import find_tables  # noqa: E402
from embbench.engines.torch.own_model.trial import look_at  # noqa: E402
from embbench.engines.torch.own_model.twin import train  # noqa: E402
from tests.own_models.small_classifier import VOCAB, made  # noqa: E402

FOLDER = Path(own_models.__file__).parent


def program_of(build: Callable, change: str = "") -> TorchProgram:
    torch.manual_seed(0)
    program = TorchProgram(build(), "build")
    if change:
        tables = {name: each for name, each in program.model.named_parameters() if len(each) == VOCAB}
        change_named(change).apply(program, tables)
    return program


def twin_of(change: str, build: Callable) -> Twin:
    own, jittered = train(program_of(build)), train(program_of(build), jitter=True)
    program = program_of(build, change)
    trained = train(program)
    return compare(own.of_rows(program.fewer), trained, jittered.of_rows(program.fewer))


def class_of(program: TorchProgram) -> tuple[str, str]:
    (table,) = find_tables(program, FOLDER).tables
    return table.moves, table.semantic


# Optimizers that leave a row without a gradient as it is, and others.
EXACT = [{"optimizer": "SGD"}, {"optimizer": "Adagrad"}, {"optimizer": "Adagrad", "initial_accumulator_value": 0.1}]
FORGETS = [
    {"optimizer": "Adam"}, {"optimizer": "AdamW"}, {"optimizer": "SGD", "momentum": 0.9}, {"optimizer": "RMSprop"},
    {"optimizer": "NAdam"},
]  # fmt: skip


def named(settings: dict) -> str:
    return "-".join(map(str, settings.values()))


@pytest.mark.parametrize("settings", EXACT, ids=named)
def test_compact_rows_are_the_same_training_where_no_state_forgets(settings: dict) -> None:
    assert twin_of("compact", lambda: made(**settings)).same


@pytest.mark.parametrize("settings", FORGETS, ids=named)
def test_compact_rows_are_lazy_elsewhere(settings: dict) -> None:
    assert not twin_of("compact", lambda: made(**settings)).same
    assert class_of(program_of(lambda: made(**settings), "compact")) == ("batch", "lazy")


def test_compact_rows_of_adam_train_as_sparse_adam() -> None:
    # SparseAdam adds eps to another denominator, which shows where gradients are as small as eps.
    def build():
        return made(optimizer="Adam", eps=1e-20)

    sparse, compact = (train(program_of(build, each)) for each in ("sparse", "compact"))
    assert compare(sparse, compact).same


def test_compact_rows_sum_the_gradients_of_several_lookups() -> None:
    def build():
        model, _, _, batches = made()
        optimizer = torch.optim.SGD(model.parameters(), 0.1)

        def step(model, optimizer, batch):
            optimizer.zero_grad()
            for half in (0, 1):
                torch.nn.functional.cross_entropy(model(batch[0][half::2]), batch[1][half::2]).backward()
            optimizer.step()

        return model, optimizer, step, batches

    assert twin_of("compact", build).same


def test_a_dense_gradient_beside_the_lookup_refuses_compact_rows() -> None:
    with pytest.raises(Unsupported, match="dense gradient besides"):
        train(program_of(lambda: made(penalty=1e-3), "compact"))


@pytest.mark.parametrize("optimizer", ["Adam", "SGD"])
def test_a_part_beside_a_frozen_part_trains_a_share_of_the_columns(optimizer: str) -> None:
    def build():
        torch.manual_seed(3)
        model = torch.nn.Sequential(torch.nn.Embedding(VOCAB, 16), torch.nn.Flatten(), torch.nn.Linear(16 * 5, 5))
        return model, getattr(torch.optim, optimizer)(model.parameters(), 0.1), torch.nn.CrossEntropyLoss(), made()[3]

    program, own = program_of(build, "beside"), program_of(build)
    words = program.batches[0][0]
    assert torch.equal(program.model[0](words), own.model[0](words))
    before = program.model[0](words).detach().clone()
    program.step_on(0)
    moved = (program.model[0](words) != before).flatten(0, 1).any(0)
    assert moved.tolist() == [True] * 2 + [False] * 14


@pytest.mark.parametrize("settings", [*EXACT, *FORGETS], ids=named)
@pytest.mark.parametrize("padding", [None, 0])
def test_the_rows_that_occur_train_as_before(settings: dict, padding: int | None) -> None:
    def build():
        return made(**settings, padding=padding)

    assert twin_of("occurring", build).same
    program = program_of(build, "occurring")
    program.step()
    (rows,) = program.fewer.values()
    data = np.unique(torch.cat([words for words, _ in program.batches]).numpy())
    assert rows.tolist() == data.tolist()
    assert len(program.model.table.weight) == len(rows) < VOCAB


def test_data_without_an_end_has_unknown_rows() -> None:
    def build():
        *others, batches = made()
        return *others, lambda step: batches[step % len(batches)]

    with pytest.raises(Unsupported, match="no end"):
        train(program_of(build, "occurring"))


def test_data_with_nearly_all_rows_is_left_as_it_is() -> None:
    def build():
        *others, _ = made()
        return *others, [(torch.arange(VOCAB).reshape(80, 5), torch.zeros(80, dtype=torch.long))]

    with pytest.raises(Unsupported, match="more than 90 % of the rows"):
        train(program_of(build, "occurring"))


@pytest.mark.parametrize("sparse", [False, True])
def test_a_term_of_weight_zero_can_go(sparse: bool) -> None:
    assert twin_of("zero_term", lambda: made(sparse=sparse, penalty=0.0)).same
    program = program_of(lambda: made(sparse=sparse, penalty=0.0), "zero_term")
    (table,) = find_tables(program, FOLDER).tables
    assert (table.sparse_gradient, table.uses) == (sparse, ())


def test_a_term_with_a_weight_stays() -> None:
    assert not twin_of("zero_term", lambda: made(penalty=1e-3)).same
    with pytest.raises(Unsupported, match="no term"):
        train(program_of(made, "zero_term"))


def changes_in(builder: Builder) -> dict[str, FoundChange]:
    return {each.name: each for each in look_at(builder, None).changes}


TRAINING = {
    "word_language_model": {"sparse": "refused", "frozen": "refused", "fused": "refused"},
    "awd_lstm": {"fused": "same", "sparse": "refused", "compact": "refused", "zero_term": "refused"},
    "bilstm_crf": {"fused": "same", "sparse": "other", "compact": "other", "occurring": "same", "frozen": "other"},
    "torchmoji": {"fused": "same", "sparse": "refused", "compact": "other", "frozen": "other"},
    "word2vec": {"fused": "refused", "sparse": "refused", "compact": "refused", "frozen": "refused"},
    "ncf": {"fused": "same", "sparse": "other", "rowwise": "other", "beside": "other"},
    "nanogpt": {"fused": "same", "sparse": "refused", "compact": "refused", "occurring": "refused"},
}


@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
@pytest.mark.parametrize("name", TRAINING)
def test_each_fixture_has_its_changes(name: str, builder) -> None:
    found = changes_in(builder(FOLDER / f"{name}.py"))
    assert set(found) == set(changes_of("torch"))
    assert {each: found[each].training for each in TRAINING[name]} == TRAINING[name]


def test_no_rows_are_added_where_the_step_names_their_number(builder) -> None:
    found = look_at(builder(FOLDER / "word_language_model.py", "build_fixed"), None)
    assert not found.addable
    (note,) = found.notes
    assert note.startswith("no rows can be added to encoder.weight for larger sizes: shape '[-1, 2000]' is invalid")


def test_other_weights_that_grow_with_the_rows_are_found(builder) -> None:
    assert look_at(builder(FOLDER / "word_language_model.py"), None).grown == ("decoder.weight", "decoder.bias")
    assert look_at(builder(FOLDER / "torchmoji.py"), None).grown == ()


def test_a_function_that_takes_the_number_of_rows_has_no_groups_to_grow(builder) -> None:
    builder(FOLDER / "ncf.py")  # undoes what a file changes in this process
    module = OwnModule(read_model(f"{FOLDER / 'ncf.py'}:build"))
    case = make_case({"contender": "ncf:build", "workload": "own_model", "vocab": 3000, "grown": 2})
    with pytest.raises(Unsupported, match="leave --grown out"):
        module.prepare(case, None)
