"""What stands under the tables: constants, machine, versions, what ran, tokens."""

import msgspec

from embbench.cases.suite import View
from embbench.report.assemble import build
from tests.made_up import case, measured, values


def test_the_caption_names_what_is_the_same_for_all(scaling):
    caption = build(scaling, View()).caption
    told = dict(caption)
    assert told["same for all"].startswith("contender pytorch · adam · dim 128 · hidden 128")
    assert "vocab" not in told["same for all"]
    assert told["machine"].startswith("Example CPU @ 2.10GHz · 2 CPUs · 25.2 GB · no GPU")
    assert told["software"] == "python 3.11.7 · torch 2.13.0"
    assert told["warning"].startswith("in 7 of 22 rounds: 3 % of the CPU")
    assert [text.partition(":")[0] for word, text in caption if word == "classes"] == ["frozen", "dense", "lazy"]


def ran(rounds, **view):
    return [text for word, text in build(rounds, View(**view)).caption if word == "ran"]


def test_what_ran_is_told_once_where_it_is_the_same_and_else_by_path(scaling):
    assert ran(scaling) == [
        "pytorch: lstm oneDNN",
        "frozen: optimizer none",
        "trainable default: optimizer default",
        "trainable fused: optimizer fused",
        "trainable sparse: optimizer sparse",
    ]


def test_paths_that_ran_alike_share_a_line():
    rounds = [
        *measured(case(update="fused"), [0.1], ran={"lstm": "oneDNN", "optimizer": "Adam fused"}),
        *measured(case("frozen"), [0.1], ran={"lstm": "oneDNN", "optimizer": "Adam"}),
        *measured(case(), [0.1], ran={"lstm": "oneDNN", "optimizer": "Adam"}),
    ]
    order = [case("frozen"), case(), case(update="fused")]
    caption = build(rounds, View(), order=order).caption
    assert [text for word, text in caption if word == "ran"] == [
        "pytorch: lstm oneDNN",
        "frozen, trainable default: optimizer Adam",
        "trainable fused: optimizer Adam fused",
    ]


def test_what_ran_is_told_by_the_axis_that_decides():
    rounds = [
        round_
        for vocab in (1000, 2000)
        for dim in (64, 128)
        for round_ in measured(case(vocab=vocab, dim=dim), [0.1], ran={"lstm": f"kernel {dim}", "threads": 2})
    ]
    assert ran(rounds) == ["pytorch: threads 2", "dim 64: lstm kernel 64", "dim 128: lstm kernel 128"]
    both = [*rounds, *measured(case(vocab=1000, dim=64, contender="other"), [0.1], ran={"lstm": "scan"})]
    assert ran(both)[1:] == ["pytorch dim 64: lstm kernel 64", "pytorch dim 128: lstm kernel 128", "other: lstm scan"]


def test_what_no_axis_decides_is_listed():
    first, second = (measured(case(), [0.1, 0.1], ran={"lstm": how})[at] for at, how in enumerate(("loop", "scan")))
    assert ran([first, second]) == ["pytorch: lstm loop / scan"]
    assert ran([msgspec.structs.replace(first, ran={})]) == []


def test_token_figures_stand_in_the_caption_where_they_are_the_same():
    report = build(measured(case(), [0.1]), View())
    assert report.tables[0].rows[0].tokens == ()
    assert "U = 1037 distinct rows in N = 2048 lookups" in dict(report.caption)["tokens"]


def test_padding_and_the_file_of_a_text_are_told():
    padded = case(tokens="texts#0123456789abcdef")
    rounds = measured(padded, [0.1, 0.1], conditions={"source": "a\x1b[2Jb.txt"})
    for round_ in rounds:
        round_.metrics["padding_share"] = values("padding_share", 0.62)
    told = dict(build([*rounds, *measured(case(), [0.1])], View()).caption)
    assert told["padding"].startswith("texts#0123456789abcdef: 0.620 of the lookups are padding. Row 0 holds it")
    assert told["text"] == "texts#0123456789abcdef: ab.txt"
    plain = dict(build(measured(case(), [0.1]), View()).caption)
    assert "padding" not in plain
    assert "text" not in plain
