"""Which pictures a page of results gets."""

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.report.pictures import results_pictures
from embbench.report.plot import Cells, PlotLines
from embbench.store.round import Round
from tests.made_up import case, failed, measured

TIMES = (0.1, 0.11, 0.12)


def rounds(*cases) -> list[Round]:
    return [line for each in cases for line in measured(each, TIMES)]


def pictures(lines: list[Round]) -> list:
    results = collapse(lines)
    return list(results_pictures(results, Measures(results)))


def first_lines(lines: list[Round]) -> PlotLines:
    return next(each for each in pictures(lines) if isinstance(each, PlotLines))


def test_growth_is_drawn_along_the_axis_that_joins_most_cases() -> None:
    batches = rounds(*(case(vocab=vocab, batch=batch) for vocab in (1000, 2000) for batch in (1, 8, 64)))
    picture = first_lines([*batches, *rounds(case(vocab=5000, batch=8))])
    assert (picture.title, picture.x, picture.units[0]) == ("step time by rows of the table", "vocab", "")
    picture = first_lines([*batches, *rounds(case(vocab=1000, batch=512))])
    assert (picture.title, picture.x) == ("step time by batch", "batch")
    assert [[x for x, *_ in each.points] for each in picture.series] == [[1, 8, 64, 512], [1, 8, 64]]
    assert [each.name for each in picture.series] == [
        "pytorch trainable default adam 1k", "pytorch trainable default adam 2k",
    ]  # fmt: skip


def test_a_case_that_failed_joins_nothing() -> None:
    lines = [
        *rounds(case(vocab=1000), case(vocab=2000)),
        *(failed(case(batch=each), "crash", "") for each in (1, 2, 4)),
    ]
    assert first_lines(lines).x == "vocab"


def test_seeds_are_names() -> None:
    assert not pictures(rounds(case(seed=1), case(seed=2)))


def test_a_filled_map_comes_first() -> None:
    cells = [
        case(update=each, vocab=v, batch=b) for each in ("default", "sparse") for v in (1000, 2000) for b in (1, 8)
    ]
    first, second, *_ = pictures(rounds(*cells))
    assert isinstance(first, Cells)
    assert isinstance(second, PlotLines)
    assert not any(isinstance(each, Cells) for each in pictures(rounds(*cells[:-1])))
