"""Ceilings as tables: rates by how much is worked on."""

from rich.table import Table as RichTable
from rich.text import Text

from embbench.report.console import make_console, written
from embbench.spec.units import format_quantity
from embbench.stats.summary import summarize
from embbench.store.ceilings import KINDS, Ceilings, Rate


def render_rates(ceilings: Ceilings, width: int, colour: bool) -> str:
    """Ends with a newline."""
    console = make_console(width, colour)
    by_line: dict[tuple[str, int], dict[int, Rate]] = {}
    for rate in ceilings.rates:
        by_line.setdefault((rate.kind, rate.row), {})[rate.size] = rate
    sizes = sorted({rate.size for rate in ceilings.rates if rate.kind != "product"})
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    for _ in sizes:
        grid.add_column(justify="right", no_wrap=True)
    grid.add_row(*(Text(word, style="dim") for word in ("GB/s", *(format_quantity(size, "B", 2) for size in sizes))))
    for (kind, row), found in by_line.items():
        if kind != "product":
            name = f"{kind} rows of {row} B" if row else kind
            grid.add_row(name, *(_gigabytes(found.get(size)) for size in sizes))
    console.print(grid)
    product = max((rate for rate in ceilings.rates if rate.kind == "product"), key=lambda rate: rate.size, default=None)
    if product is not None:
        console.print(Text(f"product of matrices  {summarize(product.values).center / 1e9:.0f} Gflop/s"))
    console.print()
    for kind in dict.fromkeys(rate.kind for rate in ceilings.rates):
        console.print(Text(f"{kind}: {KINDS.get(kind, kind)}", style="dim"))
    told = " · ".join(f"{name} {version}" for name, version in ceilings.software.items())
    machine = ceilings.machine.get("cpu") or ceilings.machine.get("fingerprint", "unknown")
    console.print(
        Text(f"{machine} · {ceilings.device} · threads {ceilings.threads} · {told} · {ceilings.started[:10]}")
    )
    return written(console)


def _gigabytes(rate: Rate | None) -> str:
    return "" if rate is None else f"{summarize(rate.values).center / 1e9:.3g}"
