"""Cases: validity, canonical form, identity."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.cases.case import AXES, DEVICES, DTYPES, OPTIMIZERS, Case, case_id, label, label_both, make_case
from embbench.errors import UsageError

counts = st.integers(1, 10**9)
cases = st.builds(
    lambda **axes: make_case({name: value for name, value in axes.items() if value is not None}),
    table=st.sampled_from(["frozen", "trainable", "hybrid"]),
    update=st.sampled_from(["default", "sparse", "compact"]),
    optimizer=st.sampled_from(OPTIMIZERS),
    vocab=counts,
    dim=counts,
    batch=counts,
    seq=counts,
    tokens=st.sampled_from(["words", "words:ranked", "words:shuffled", "uniform", "same", "corpus:a b"])
    | st.floats(1e-3, 10).map(lambda exponent: f"zipf:{exponent!r}"),
    dtype=st.sampled_from(DTYPES),
    device=st.sampled_from(DEVICES),
    threads=st.integers(0, 64),
    seed=st.integers(0, 2**31),
)


@given(cases)
def test_json_round_trip(case):
    assert msgspec.json.decode(msgspec.json.encode(case), type=Case) == case


@given(cases)
def test_a_canonical_case_stays_as_it_is(case):
    assert make_case(msgspec.to_builtins(case)) == case


@given(cases, cases)
def test_ids_differ_where_cases_differ(one, other):
    assert (case_id(one) == case_id(other)) == (one == other)


def test_ids_never_change():
    """Results on disk are found by these; a change here orphans them all."""
    assert case_id(Case()) == "44136fa355"
    assert case_id(make_case({"vocab": 2_000_000, "update": "sparse"})) == "b19b3dd5bd"


def test_lines_without_a_later_axis_load_with_its_default():
    assert msgspec.json.decode(b'{"vocab": 5}', type=Case) == Case(vocab=5)


def test_the_update_of_a_frozen_table_is_none():
    assert make_case({"table": "frozen", "update": "sparse"}) == make_case({"table": "frozen"})
    assert make_case({"table": "frozen"}).update == "none"


@pytest.mark.parametrize(
    ("axes", "told"),
    [
        ({"vocab": 0}, "vocab: 0 is out of range"),
        ({"vocab": -5}, "vocab: -5"),
        ({"batch": 0}, "batch: 0"),
        ({"vocab": True}, "vocab: True"),
        ({"vocab": float("nan")}, "vocab: nan"),
        ({"device": "cida"}, "did you mean 'cuda'"),
        ({"table": "trainabel"}, "did you mean 'trainable'"),
        ({"optimizer": "adamm"}, "did you mean 'adam'"),
        ({"vocabulary": 3}, "did you mean 'vocab'"),
        ({"tokens": "wrods"}, "did you mean 'words'"),
        ({"update": "none"}, "'none' is for frozen tables"),
        ({"dtype": "bfloat16"}, "--update bfloat16, bfloat16_master"),
        ({"dtype": "half"}, "16 bits exist for the table only"),
        ({"dtype": "float23"}, "did you mean 'float32'"),
    ],
)
def test_nonsense_is_named(axes, told):
    with pytest.raises(UsageError, match=r"\S") as error:
        make_case(axes)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_every_field_is_an_axis():
    assert set(AXES) == set(msgspec.to_builtins(Case()))


def test_two_cases_are_named_by_what_differs():
    one, other = Case(), Case(update="fused")
    assert label_both(one, one) == "pytorch trainable default adam vocab=200k"
    assert label_both(one, other) == "pytorch trainable default → fused adam vocab=200k"
    assert label_both(one, Case(contender="mine")) == "pytorch → mine trainable default adam vocab=200k"
    assert label_both(one, Case(runtime="retained")) == "pytorch trainable default system → retained adam vocab=200k"
    assert label(Case(table="frozen", update="none", runtime="retained")) == "pytorch frozen retained adam vocab=200k"
    assert label_both(one, Case(vocab=1000)).endswith("vocab=200k → pytorch trainable default adam vocab=1k")
