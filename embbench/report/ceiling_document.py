"""Ceilings of a machine -> a Document: rates by size of the data."""

from embbench.cases.units import format_quantity
from embbench.report.document import Document, Facts, Grid, only_filled
from embbench.stats.summary import summarize
from embbench.store.ceilings import KINDS, Ceilings, Rate


def ceiling_document(ceilings: Ceilings) -> Document:
    """A row per kind of work and length of a row, and a column per size."""
    by_line: dict[tuple[str, int], dict[int, Rate]] = {}
    for rate in ceilings.rates:
        by_line.setdefault((rate.kind, rate.row), {})[rate.size] = rate
    sizes = sorted({rate.size for rate in ceilings.rates if rate.kind != "product"})
    grid = Grid(
        headings=("GB/s", *(format_quantity(size, "B", 2) for size in sizes)),
        left=("GB/s",),
        rows=tuple(
            (f"{kind} rows of {row} B" if row else kind, *(_gigabytes(rates.get(size)) for size in sizes))
            for (kind, row), rates in by_line.items()
            if kind != "product"
        ),
    )
    return Document(blocks=only_filled(grid, Facts(tuple(_facts(ceilings)))), data=ceilings)


def _facts(ceilings: Ceilings) -> list[tuple[str, str]]:
    kinds = dict.fromkeys(rate.kind for rate in ceilings.rates)
    facts = [(kind, KINDS.get(kind, kind)) for kind in kinds]
    product = max((rate for rate in ceilings.rates if rate.kind == "product"), key=lambda rate: rate.size, default=None)
    if product is not None:
        facts.append(("matrix product", f"{summarize(product.values).center / 1e9:.0f} Gflop/s"))
    machine = ceilings.machine.get("cpu") or ceilings.machine.get("fingerprint", "unknown")
    software = " · ".join(f"{name} {version}" for name, version in ceilings.software.items())
    where = f"{machine} · {ceilings.device} · threads {ceilings.threads} · {software} · {ceilings.started[:10]}"
    return [*facts, ("measured on", where)]


def _gigabytes(rate: Rate | None) -> str:
    return "" if rate is None else f"{summarize(rate.values).center / 1e9:.3g}"
