"""--filter, and how values of axes read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.analysis.collapse.axes import joined, named, naming_axes, parse_axes, parse_filter
from embbench.analysis.collapse.collapse import collapse
from embbench.cases.sources import find_source
from embbench.errors import UsageError
from tests.made_up import case, measured

CASES = [case("frozen"), case(), case(update="sparse"), case(vocab=2_000_000), case(vocab=2_000_000, tokens="same")]
RESULTS = collapse([round_ for one in CASES for round_ in measured(one, [0.1])])


def kept(text):
    keep = parse_filter(text, RESULTS)
    return [index for index, result in enumerate(RESULTS) if keep(result)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("vocab>=1M", [3, 4]),
        ("vocab>200k", [3, 4]),
        ("vocab<2M", [0, 1, 2]),
        ("vocab<=200k,table!=frozen", [1, 2]),
        ("vocab=200k|2M, update=sparse", [2]),
        ("update=sparse|none", [0, 2]),
        ("update!=sparse|none", [1, 3, 4]),
        ("tokens=same", [4]),
        ("vocab!=200k", [3, 4]),
        ("vocab>=2_000_000", [3, 4]),
        ("vocab=2e6,tokens=words:ranked", [3]),
        ("machine=0a1b2c3d,seed=0", [0, 1, 2, 3, 4]),
    ],
)
def test_filters(text, expected):
    assert kept(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vocb=1", "did you mean 'vocab'"),
        ("table=forzen", "did you mean 'frozen'"),
        ("table>=frozen", "table is no number"),
        ("vocab>=2M|3M", "alternatives of = and != only"),
        ("vocab>=1,000,000", "write 1,000,000 as 1000000 .or 1_000_000., or several values as"),
        ("table=frozen,vocab=200,000,seed=0", "write 200,000 as 200000"),
        ("vocab>=2.000.000", "without separators, 2000000"),
        ("vocab=many", "'many' is not a count"),
        ("vocab", "is no condition"),
        ("vocab=", "not a count"),
    ],
)
def test_filters_that_make_no_sense(text, message):
    with pytest.raises(UsageError, match=message):
        kept(text)


@given(st.integers(1, 10**7), st.sampled_from(["=", "!=", ">=", "<=", ">", "<"]))
def test_a_filter_and_its_opposite_split_the_cases(limit, sign):
    opposite = {"=": "!=", "!=": "=", ">=": "<", "<": ">=", "<=": ">", ">": "<="}[sign]
    one, other = kept(f"vocab{sign}{limit}"), kept(f"vocab{opposite}{limit}")
    assert sorted(one + other) == list(range(len(RESULTS)))


def test_headings_leave_out_the_update_of_a_frozen_table():
    assert joined(("table", "update"), ("frozen", "none")) == "frozen"
    assert joined(("table", "vocab"), ("trainable", 2_000_000)) == "trainable 2M"
    assert joined((), ()) == "all"


def test_cases_are_named_by_what_tells_them_apart():
    axes = naming_axes(RESULTS)
    assert [named(axes, result) for result in RESULTS[:3]] == [
        "frozen vocab=200k words",
        "trainable default vocab=200k words",
        "trainable sparse vocab=200k words",
    ]


def test_unknown_axes_name_the_nearest():
    assert parse_axes(" table, update,table", "--col") == ("table", "update")
    with pytest.raises(UsageError, match="--row: unknown axis 'vocabs': did you mean 'vocab'"):
        parse_axes("vocabs", "--row")


def test_a_file_stands_for_its_content_whichever_version_measured_it(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("the cat and the dog")
    stream = find_source(f"corpus:{text}").stream
    old = f"corpus:reviews.txt#{stream.partition('#')[2][:8]}"
    other = "corpus:reviews.txt#00000000"
    results = collapse([round_ for name in (stream, old, other) for round_ in measured(case(tokens=name), [0.1])])

    def kept_tokens(text):
        return [each.case.tokens for each in results if parse_filter(text, results)(each)]

    assert kept_tokens(f"tokens=corpus:{text}") == [stream, old]
    assert kept_tokens(f"tokens!=corpus:{text}") == [other]
    for name in (stream, old, other):
        assert kept_tokens(f"tokens={name}") == [name]
    with pytest.raises(UsageError, match="No such file"):
        kept_tokens("tokens=corpus:gone.txt")
    with pytest.raises(UsageError, match="unknown tokens 'words'"):
        kept_tokens("tokens=words")
