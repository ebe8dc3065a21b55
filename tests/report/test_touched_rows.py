"""What a touched row costs, in sentences whose numbers the table shows."""

import re

import msgspec
import pytest

from embbench.cases.declared import Declared
from embbench.cases.suite import View
from embbench.cases.units import format_quantity
from embbench.report.assemble import build
from embbench.store.round import Audit
from tests.made_up import case, measured, values

METRICS = (
    "row_cost,displaced_row_cost,ceiling_share,table_lookup,table_gradient,table_update,"
    "table_index,table_sum,table_start,displaced_start,step_time"
)
VIEW = View(
    row="contender,update,vocab",
    col="metric",
    metric=METRICS,
    reference="",
)
U = 2000.0


def rounds(given, cost, step, displaced=None, floor=0.1, passes=0.0, scatter=0.01, rows=U, besides=None):
    """Three rounds of a case, a row of which costs so many seconds. besides: further metrics, in seconds."""
    found = []
    for line, by in zip(measured(given, [step] * 3), (1 - scatter, 1.0, 1 + scatter), strict=True):
        time = cost * U * by
        told = {"table_time": (time,) * 5, "displaced_time": ((displaced or 2 * cost) * U * by,) * 5}
        told |= {"table_lookup": (time * 0.2,), "table_gradient": (time * 0.1,), "table_update": (time * 0.7,)}
        told |= {"unique_rows": (rows,), "step_time": (step * by,) * 3}
        told |= {name: (seconds * by,) for name, seconds in (besides or {}).items()}
        moved = U * given.dim * 4
        told |= {"gather_rate": (4 * moved / (floor * time / 2),), "scatter_rate": (3 * moved / (floor * time / 2),)}
        metrics = line.metrics | {name: values(name, *each) for name, each in told.items()}
        semantic = "dense" if passes else "lazy"
        declared = Declared(semantic=semantic, passes=passes)
        audit = Audit(semantic, True, 1e-7, 40)
        found.append(msgspec.structs.replace(line, metrics=metrics, audit=audit, declared=declared))
    return found


def path(update="compact", **axes):
    return case(update=update, **{"tokens": "uniform", "hidden": 16, **axes})


def curve(update="compact", costs=(0.5e-6, 1e-6), steps=(5e-3, 6e-3), **told):
    return [
        each
        for vocab, cost, step in zip((20_000, 2_000_000), costs, steps, strict=True)
        for each in rounds(path(update, vocab=vocab), cost, step, **told)
    ]


def answer(lines):
    return " ".join(build(lines, VIEW).answer)


def test_a_row_near_and_far():
    text = answer(curve())
    assert "pytorch compact adam 500 ns at 20k rows and 1.00 µs at 2M rows (1.00 µs and 2.00 µs after" in text


@pytest.mark.parametrize(
    ("steps", "scatter", "told"),
    [
        ((5e-3, 6e-3), 0.01, "does not double these steps: pytorch compact adam 5.00 ms at 20k rows and 6.00 ms at 2M"),
        (
            (5e-3, 15e-3),
            0.01,
            "at least doubles these steps: pytorch compact adam 5.00 ms at 20k rows and 15.0 ms at 2M",
        ),
        (
            (5e-3, 10e-3),
            0.05,
            "The intervals do not show whether less cache-friendly access doubles these steps: pytorch compact",
        ),
    ],
)
def test_whether_it_doubles_a_step(steps, scatter, told):
    assert told in answer(curve(steps=steps, scatter=scatter))


def test_where_the_step_notices():
    lines = [*curve(steps=(5e-3, 9e-3)), *rounds(path(vocab=200_000), 0.8e-6, 7e-3)]
    assert "(longer from 200k rows on)" in answer(lines)


def test_how_near_it_is_to_the_ceiling_and_its_parts():
    assert (
        "this share of the time: pytorch compact adam 0.1000 (lookup 400 µs, gradient 200 µs, update 1.40 ms)."
        in answer(curve())
    )


WORK = {"table_index": 3e-4, "table_sum": 2e-4, "table_start": 1e-4, "displaced_start": 5e-4}


def test_what_it_does_besides_moving_rows():
    text = answer(curve(besides=WORK))
    work = "finding distinct ids 300 µs, summing the gradients of an id 200 µs, a pass of one token 100 µs"
    assert f"Other work, measured alone: pytorch compact adam {work}." in text
    assert "after other bytes filled the caches; a pass of one token then takes 500 µs)" in text


@pytest.mark.parametrize(("seconds", "told"), [(2.0e-4, "not shown to differ"), (4e-4, "longer"), (1e-4, "shorter")])
def test_whether_tokens_of_one_row_are_summed_more_slowly(seconds, told):
    lines = curve(besides=WORK)
    same = path(vocab=2_000_000, tokens="same")
    lines += rounds(same, 1e-4, 6e-3, rows=1.0, besides={"table_sum": seconds}, scatter=-0.01)
    sums = f"{format_quantity(seconds, 's')} for a single row, 200 µs for 2000 rows ({told})."
    assert f"summing the gradients of all tokens takes {sums}" in answer(lines)


def test_from_which_share_on_the_whole_table_is_cheaper():
    lines = [
        *curve(costs=(1e-6, 1e-6)),
        *rounds(path("fused", vocab=20_000), 0.5e-6, 4e-3, passes=8.0),
        *rounds(path("fused", vocab=2_000_000), 50e-6, 90e-3, passes=8.0),
    ]
    told = "faster than compact at 20k rows (2k touched) and slower than compact at 2M rows (2k touched)."
    assert f"pytorch fused adam passes over the whole table. It is {told}" in answer(lines)


def test_one_change_at_a_time():
    lines = [*curve(), *curve("sparse", costs=(2e-6, 3e-6))]
    lines += rounds(path(vocab=2_000_000, tokens="uniform:sorted"), 0.8e-6, 6e-3)
    lines += rounds(path(vocab=2_000_000, threads=1), 1.5e-6, 6e-3)
    lines += rounds(path(vocab=2_000_000, ids="int32"), 1.001e-6, 6e-3, scatter=-0.01)
    lines += rounds(path(vocab=2_000_000, ids="int32", threads=1), 9e-6, 6e-3)  # two changes are told of no one
    text = answer(lines)
    assert "Compared with pytorch compact adam at 2M rows, 1.00 µs a row: " in text
    assert "uniform:sorted 800 ns (less)" in text
    assert "threads 1 1.50 µs (more)" in text
    assert "ids int32 1.00 µs (not shown to differ)" in text
    assert "9.00 µs" not in text


def test_every_number_of_it_stands_in_the_table():
    lines = [*curve(besides=WORK), *curve("sparse", costs=(2e-6, 3e-6), besides=WORK)]
    lines += rounds(path(vocab=2_000_000, threads=1), 1.5e-6, 6e-3)
    lines += rounds(path(vocab=2_000_000, tokens="same"), 1e-4, 6e-3, rows=1.0, besides={"table_sum": 3e-4})
    built = build(lines, VIEW)
    shown = {cell.text.removesuffix("/row") for row in built.tables[0].rows for cell in row.cells}
    told = re.findall(r"[0-9.]+ (?:ns|µs|ms|s)\b", " ".join(built.answer))
    assert told
    assert set(told) <= shown


def test_other_results_have_their_own_answer():
    assert "touched row" not in answer(measured(case(), [0.02, 0.021]))


def test_a_case_whose_step_was_measured_in_another_state_has_its_row_cost():
    """Its step has no number, and no sentence about steps names it."""
    lines = [
        msgspec.structs.replace(
            line, metrics={name: each for name, each in line.metrics.items() if name != "step_time"}
        )
        for line in curve()
    ]
    text = answer(lines)
    assert "Cost of a touched row: pytorch compact adam 500 ns" in text
    assert "doubles" not in text


def test_a_table_of_another_kind_is_named():
    lines = [*curve(), *rounds(case("hybrid", "compact", 2_000_000, tokens="uniform", hidden=16), 0.4e-6, 6e-3)]
    lines += rounds(case("hybrid", "compact", 20_000, tokens="uniform", hidden=16), 0.3e-6, 6e-3)
    assert "pytorch hybrid compact adam 300 ns at 20k rows" in answer(lines)


def test_results_without_it_keep_their_own_answer():
    lines = [*curve(), *measured(case(), [0.02] * 3), *measured(case(vocab=2_000_000), [0.2] * 3)]
    text = answer(lines)
    assert "Cost of a touched row" in text
    assert "A step with trainable default takes 10.0 (9.88 to 10.1) times as long at 2M rows as at 200k rows" in text


def brief(lines):
    return [each.text for each in build(lines, VIEW).brief]


def test_the_brief_answer_orders_paths_that_differ_from_the_usual_case_in_nothing_else():
    lines = [*curve(), *curve("sparse", costs=(2e-6, 3e-6), steps=(5e-3, 15e-3))]
    lines += [one for vocab in (20_000, 2_000_000) for one in rounds(path(vocab=vocab, dim=8), 0.1e-6, 5e-3)]
    assert brief(lines) == [
        "Cost of a touched row at 2M rows, smallest first, by class: lazy: pytorch compact adam 1.00 µs (500 ns at 20k "
        "rows), pytorch sparse adam 3.00 µs (2.00 µs at 20k rows).",
        "Less cache-friendly access at least doubles the step of 1 of 3 paths.",
    ]


def test_the_brief_answer_names_paths_that_fit_the_rows_of_a_first_screen():
    updates = ("compact", "sparse", "rowwise", "jit", "compact_beside", "fused")
    lines = [
        one for place, update in enumerate(updates, 1) for one in curve(update, costs=(1e-6 * place, 2e-6 * place))
    ]
    report = build(lines, VIEW)
    assert report.brief[0].text.endswith("pytorch compact_beside adam 10.0 µs (5.00 µs at 20k rows), 1 more.")
    assert len(report.brief[0].cases) == 10
    named = [
        (row.labels[1], row.labels[2])
        for row in report.tables[0].rows
        if row.cells[0].cases[0] in report.brief[0].cases
    ]
    assert ("fused", "2M") not in named
    assert {vocab for _, vocab in named} == {"20k", "2M"}


@pytest.mark.parametrize(
    ("steps", "scatter", "told"),
    [
        ((5e-3, 15e-3), 0.01, "Less cache-friendly access at least doubles the step."),
        ((5e-3, 6e-3), 0.01, "Less cache-friendly access does not double the step."),
        ((5e-3, 10e-3), 0.05, "The intervals do not show whether less cache-friendly access doubles the step."),
    ],
)
def test_the_brief_answer_of_a_single_path(steps, scatter, told):
    assert brief(curve(steps=steps, scatter=scatter))[1:] == [told]


def test_the_brief_answer_says_of_how_many_paths_it_is_not_shown():
    scattered = [*curve(steps=(5e-3, 10e-3), scatter=0.05), *curve("sparse", steps=(5e-3, 6e-3))]
    assert brief(scattered)[1:] == [
        "Less cache-friendly access at least doubles the step of none of 2 paths; the intervals of 1 do not show it."
    ]
