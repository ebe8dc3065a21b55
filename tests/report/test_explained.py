"""What `explain` says beside the numbers: what to measure, and how the numbers came about."""

import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.explanation import choose, explain
from embbench.report.explained import DECLARED, WHY, make_explained
from embbench.report.figures import LENT
from tests.made_up import MACHINE, case, ceilings, measured, sweep

OTHER = {**MACHINE, "cpu": "Another CPU", "fingerprint": "ffffffff"}


def made(rounds, rates=None, source=lambda _result: "rounds"):
    results = collapse(rounds)
    measures = Measures(results)
    explanation = explain(choose(results, measures), results, measures, rates, lambda _result: None)
    return make_explained(
        explanation, results, measures, columns=None, ceilings=rates, change=lambda _result: "", source=source
    )


def test_of_a_single_case_everything_else_is_missing():
    missing = dict(made(measured(case(), [0.3])).missing)
    assert list(missing) == ["growth", "least time", "alternatives and parts of a step", "growth with dim"]
    assert missing["growth"].endswith(" --vocab 20k,50k,100k,200k --threads 2 --rounds 1")
    assert missing["alternatives and parts of a step"] == "embbench explain --threads 2"
    assert " --table frozen --optimizer adam --dim 32,128,256 " in missing["growth with dim"]


@pytest.mark.parametrize(("rates", "names"), [(None, [WHY, "growth with dim"]), (ceilings(), ["growth with dim"])])
def test_ceilings_are_missing_where_there_are_none(rates, names):
    assert [name for name, _ in made(sweep(), rates).missing] == names


def test_the_caption_has_case_machine_versions_and_dates():
    caption = dict(made(sweep()).caption)
    assert list(caption) == ["case", "machine", "software", "measured"]
    assert caption["case"] == "dim 128 · hidden 128 · batch 32 · seq 64 · words · float32 · cpu · threads 2"
    assert caption["machine"].startswith(MACHINE["cpu"])
    assert caption["software"] == "python 3.11.7 · torch 2.13.0"
    assert "2026-01-05" in caption["measured"]


def test_of_several_machines_the_used_one_is_named_with_the_way_to_another():
    (told,) = made([*sweep(), *measured(case(vocab=1_000), [0.001], machine=OTHER)]).machine
    this, other = (collapse(measured(case(), [0.1], machine=each))[0].machine for each in (MACHINE, OTHER))
    assert told[1] == f"{MACHINE['cpu']} ({this}), of 2 in these results; --filter machine={other} explains another"
    assert made(sweep()).machine == ()


def test_notes_on_declarations_follow_the_caption_the_least_certain_last():
    sources = {"default": "nothing", "fused": "same file", "sparse": "other file"}
    caption = made(sweep(), source=lambda result: sources.get(result.case.update, "rounds")).caption
    assert [text for word, text in caption if word == "declared"] == list(DECLARED.values())
    assert [word for word, _ in caption[-3:]] == ["declared"] * 3


def test_a_runtime_of_its_own_is_named():
    assert dict(made(measured(case(runtime="retained"), [0.3])).caption)["case"].endswith(" · runtime retained")


def test_an_interval_from_other_cases_is_named():
    three = [measured(case(update=update), [0.1, 0.11, 0.105]) for update in ("fused", "sparse", "compact")]
    caption = dict(made([*measured(case(), [0.3]), *(line for each in three for line in each)]).caption)
    assert caption["one round"] == f"default: {LENT}"
