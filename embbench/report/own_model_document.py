"""A user's own model, what its step costs and what would change that -> a Document."""

from collections.abc import Sequence

from embbench.analysis.cost.own_model import Changed, OwnCost
from embbench.cases.found_change import FoundChange
from embbench.cases.found_model import FoundModel
from embbench.cases.found_table import FoundTable
from embbench.cases.units import format_count, format_quantity
from embbench.report.document import Block, Chart, Document, Grid, Heading, Listing, Notes, Sentences, only_filled
from embbench.report.figures import ratio_text, spread_text, value_text
from embbench.report.own_model import OwnModel, change_named, measured, summary_of
from embbench.report.own_model_json import as_json
from embbench.report.own_model_pictures import own_model_pictures
from embbench.report.own_model_verdict import (
    advice_texts,
    floor_texts,
    group_texts,
    table_text,
    tone_of,
    verdict_texts,
)
from embbench.stats.summary import Summary, summarize

SMALL = 0.01  # of the bytes of all tables: a smaller table is shown with --details only


def own_model_document(own: OwnModel) -> Document:
    """The verdict, why, and what helps; the tables follow with all details."""
    found = own.found
    heading = Heading(f"What does a step of {own.name} cost, and is its table the problem?")
    notes, refusals = [*_notes(found), *_without_time(own)], _refusals(found)
    short = ["for some changes that are not possible, --details says why"] if refusals else []
    verdict = Sentences(
        (*verdict_texts(found, own.cost), *advice_texts(found, own.cost)), strong=True, tone=tone_of(own.cost)
    )
    large = [each for each in found.tables if each.size >= SMALL * sum(other.size for other in found.tables)]
    least = floor_texts(own.floor, found, own.cost)
    why = Sentences((*(table_text(each) for each in large[:1]), *least))
    changes = _changes(own)
    every = Sentences((*(table_text(each) for each in found.tables), *group_texts(found, own.cost), *least))
    return Document(
        blocks=only_filled(
            heading, verdict, changes, _tables(found.tables), every, *_more(own), _as_notes([*notes, *refusals])
        ),
        screen=only_filled(heading, verdict, why, changes, _as_notes([*notes, *short])),
        data=as_json(own),
        page=lambda: _page(own),
    )


def _page(own: OwnModel) -> tuple[Block, ...]:
    """All blocks, with a picture below the verdict and the others below the changes."""
    heading, verdict, *others = own_model_document(own).blocks
    charts = [Chart(each) for each in own_model_pictures(own)]
    return (heading, verdict, *charts[:1], *others[:1], *charts[1:], *others[1:])


def _changes(own: OwnModel) -> Grid:
    rows = []
    for name, changed in sorted(
        measured(own).items(), key=lambda item: _rank(item[1], change_named(item[0], own.found))
    ):
        found = change_named(name, own.found)
        if changed is None or (changed.seconds is None and changed.ratio is None):
            continue
        cells = _time(changed.seconds), _ratio(changed.ratio), _bytes(changed.bytes)
        rows.append((summary_of(name, found), *cells, _training(found)))
    return Grid(
        headings=("what you change", "step", "ratio", "memory", "training"),
        left=("what you change", "training"),
        rows=tuple(rows),
    )


def _rank(changed: Changed | None, found: FoundChange | None) -> tuple[bool, float]:
    """The same training comes first, then the fastest; the ratio, since steps of it took turns with the user's."""
    other = found is not None and found.training != "same"
    return other, float("inf") if changed is None or changed.ratio is None else changed.ratio.center


def _training(found: FoundChange | None) -> str:
    if found is None or found.identical:
        return "same"
    if found.training == "same":
        return f"same, but for {found.difference:.1g}"
    return f"{found.training}: {found.why}"


def _time(seconds: Summary | None) -> str:
    return "" if seconds is None else f"{value_text(seconds, 'step_time')} {spread_text(seconds, 's')}".strip()


def _ratio(ratio: Summary | None) -> str:
    return "" if ratio is None else ratio_text(ratio)


def _bytes(peak: Summary | None) -> str:
    return "" if peak is None else f"{value_text(peak, 'host_peak')} {spread_text(peak, 'B')}".strip()


def _tables(tables: tuple[FoundTable, ...]) -> Grid:
    return Grid(
        headings=("table", "rows", "columns", "bytes", "rows in a step", "share", "class"),
        left=("table", "class"),
        rows=tuple(
            (
                each.name, format_count(each.rows), str(each.columns), format_quantity(each.size, "B"),
                f"{each.unique:.4g}", f"{100 * each.unique / each.rows:.2g}%", each.semantic,
            )
            for each in tables
        ),
    )  # fmt: skip


def _parts(found: FoundModel) -> Grid:
    parts = {part: summarize(seconds) for part, seconds in found.parts.items()}
    return Grid(
        headings=("part of a step", "time", "share"),
        left=("part of a step",),
        title="parts",
        about="Medians over steps of one process, the process that looked at the model.",
        rows=tuple(
            (part.replace("_", " "), _time(each), f"{100 * each.center / parts['step'].center:.2g}%")
            for part, each in sorted(parts.items(), key=lambda item: -item[1].center)
        ),
    )


def _sizes(cost: OwnCost | None) -> Grid:
    return Grid(
        headings=("rows", "step", "ratio", "memory"),
        title="growth",
        about="Your own step with other numbers of rows. For ratios, also of changes, steps take turns in one process.",
        rows=tuple(
            (format_count(each.rows), _time(each.seconds), _ratio(each.ratio), _bytes(each.bytes))
            for each in (() if cost is None else cost.sizes)
        ),
    )


def _more(own: OwnModel) -> tuple[Block, ...]:
    found = own.found
    patches = [Listing(f"{each.name}, for `git apply`:", each.patch) for each in found.changes if each.patch]
    return _sizes(own.cost), _parts(found), *patches


def _notes(found: FoundModel) -> list[str]:
    told = list(found.notes)
    if found.alike:
        told.append("all batches look up the same rows: return different batches, as real training has")
    return told


def _without_time(own: OwnModel) -> list[str]:
    """Which changes have no time, a sentence for each reason."""
    reasons: dict[str, list[str]] = {}
    for name, changed in measured(own).items():
        found = change_named(name, own.found)
        if own.cost is None or (found is not None and found.training == "refused"):
            continue
        if changed is None:
            reasons.setdefault("no round was made; give the command more time, such as --within 5m", []).append(name)
        elif changed.seconds is None:
            reasons.setdefault(changed.reason, []).append(name)
    return [f"no time is shown for {_listed(names)}: {why}" for why, names in reasons.items()]


def _refusals(found: FoundModel) -> list[str]:
    """Why changes are not possible, a sentence for each reason."""
    reasons: dict[str, list[str]] = {}
    for each in found.changes:
        if each.training == "refused":
            reasons.setdefault(each.why, []).append(each.name)
    return [
        f"{_listed(names)} {'is' if len(names) == 1 else 'are'} not possible: {why}" for why, names in reasons.items()
    ]


def _listed(names: Sequence[str]) -> str:
    """'a, b and c'"""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _as_notes(texts: list[str]) -> Notes:
    return Notes(tuple(f"{text[:1].upper()}{text[1:]}." for text in texts))
