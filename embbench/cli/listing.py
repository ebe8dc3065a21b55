"""`embbench list`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embbench.cli.show import GREP_WIDTH, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from embbench.cases.contender import Path
    from embbench.cases.precision import Precision
    from embbench.contenders import Contender
    from embbench.report.document import Document

KINDS = ("contenders", "workloads", "runtimes", "suites", "metrics")
WORDS = "words"  # listed only by name


def list_(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="[contenders|workloads|runtimes|suites|metrics|words]",
            help="What to list. If not given: all lists except words.",
            show_default=False,
        ),
    ] = None,
    contender: Annotated[
        list[str] | None,
        typer.Option("--contender", metavar="FILE.py", help="Also list your own contender file.", show_default=False),
    ] = None,
    format: Annotated[str, typer.Option("--format", metavar="NAME", help="text, md or json.")] = "text",
) -> int:
    """List contenders with their capabilities, workloads, runtimes, suites, and metrics with their definitions.

    No framework is loaded.

    \b
    Examples:
      embbench list
      embbench list contenders --contender ./my_model.py
      embbench list metrics --format json
      embbench list words
    """
    from embbench.report.writers import check_format

    check_format(format, csv=False)
    if kind is not None and kind not in (*KINDS, WORDS):
        from embbench.errors import UsageError, unknown

        raise UsageError(unknown("list", kind, (*KINDS, WORDS)))
    wanted = KINDS if kind is None else (kind,)
    makers = {"contenders": lambda: contender_rows(contender or []), "workloads": workload_rows}
    makers |= {"runtimes": runtime_rows, "suites": suite_rows, "metrics": metric_rows, WORDS: word_rows}
    data = {name: makers[name]() for name in wanted}
    show(_document(data), format, pipe=GREP_WIDTH)
    return 0


def _document(data: "dict[str, list[dict[str, Any]]]") -> "Document":
    from embbench.report.document import Block, Document, Facts, Heading

    blocks: list[Block] = []
    for name, rows in data.items():
        facts = FACTS[name]
        blocks += [Heading(name), Facts(tuple(fact for row in rows for fact in facts(row)))]
    return Document(blocks=tuple(blocks), data=data)


def contender_rows(files: list[str]) -> list[dict[str, Any]]:
    """name, summary, versions or the install command, and per update and optimizer the class or a reason."""
    from embbench.contenders import discover

    return [_contender(each) for each in discover(files).values()]


def workload_rows() -> list[dict[str, Any]]:
    """name and summary."""
    from embbench.workloads import workloads

    return [{"name": name, "summary": each.SUMMARY} for name, each in workloads().items()]


def runtime_rows() -> list[dict[str, Any]]:
    """name, summary, environment variables that it sets, and why it cannot be had here ('' where it can)."""
    from embbench.cases.runtimes import RUNTIMES
    from embbench.launch.runtime_needs import lacking

    return [
        {"name": name, "summary": each.summary, "variables": each.variables, "lacking": lacking(name)}
        for name, each in RUNTIMES.items()
    ]


def suite_rows() -> list[dict[str, Any]]:
    """name, title and number of cases."""
    from embbench.cases.suite import expand, load_suite, suite_names

    suites = [load_suite(name) for name in suite_names()]
    return [{"name": each.name, "title": each.title, "cases": len(expand(each.blocks, {}))} for each in suites]


def word_rows() -> list[dict[str, Any]]:
    """name and meaning."""
    from embbench.cli.words import WORDS

    return [{"name": name, "meaning": meaning} for name, meaning in WORDS.items()]


def metric_rows() -> list[dict[str, Any]]:
    """name, unit, kind, better, treatment (how it is summarised and compared) and definition."""
    import msgspec

    from embbench.cases.metrics import METRICS

    return [msgspec.to_builtins(metric) for metric in METRICS.values()]


def _contender(each: "Contender") -> dict[str, Any]:
    from embbench.cases.case import OPTIMIZERS
    from embbench.contenders import missing_packages, packages
    from embbench.launch.preflight import how_to_install

    declared, missing = each.declaration, missing_packages(each)
    updates = {
        update: dict.fromkeys(OPTIMIZERS, optimizers) if isinstance(optimizers, str) else optimizers
        for update, optimizers in declared.updates.items()
    }
    return {
        "name": each.name,
        "summary": declared.summary,
        "file": each.path,
        "packages": packages(each),
        "install": how_to_install(missing) if missing else None,
        "devices": list(declared.devices),
        "dtypes": list(declared.dtypes),
        "ids": list(declared.ids),
        "tables": list(declared.tables),
        "workloads": list(declared.workloads),
        "updates": {
            update: {
                name: path if isinstance(path, str) else _class(path, declared.precisions.get(update), name)
                for name, path in optimizers.items()
            }
            for update, optimizers in updates.items()
        },
        "unsupported": {
            update: [name for name, path in optimizers.items() if isinstance(path, str)]
            for update, optimizers in updates.items()
        },
    }


def _class(path: "Path", precision: "Precision | None", optimizer: str) -> str:
    """The class as a case shows it. precision: of the update."""
    import msgspec

    kept = msgspec.structs.replace(path, precision=path.precision or precision).kept(optimizer)
    return f"{path.semantic} {kept}".rstrip()


def _contender_facts(row: dict[str, Any]) -> "Iterator[tuple[str, str]]":
    name = row["name"]
    versions = ", ".join(f"{package} {version}" for package, version in row["packages"].items() if version)
    yield name, row["summary"]
    yield name, row["install"] or "installed: " + (versions or "needs nothing")
    can = [f"tables {', '.join(row['tables'])}", ", ".join(row["dtypes"]), ", ".join(row["devices"])]
    can += [f"ids {', '.join(row['ids'])}"] if len(row["ids"]) > 1 else []
    can += [", ".join(row["workloads"])] if len(row["workloads"]) > 1 else []
    yield name, " · ".join(can)
    for update, optimizers in row["updates"].items():
        refused = row["unsupported"][update]
        classes = [f"{optimizer} {what}" for optimizer, what in optimizers.items() if optimizer not in refused]
        yield name, f"update {update}: {', '.join(classes) or 'not available'}"
        reasons: dict[str, list[str]] = {}
        for optimizer in refused:
            reasons.setdefault(optimizers[optimizer], []).append(optimizer)
        yield from ((name, f"not {', '.join(names)}: {reason}") for reason, names in reasons.items())


def _runtime_facts(row: dict[str, Any]) -> "Iterator[tuple[str, str]]":
    settings = " ".join(f"{name}={value}" for name, value in row["variables"].items())
    yield row["name"], row["summary"]
    yield from ((row["name"], text) for text in (settings, row["lacking"] and f"not here: {row['lacking']}") if text)


FACTS: "dict[str, Callable[[dict[str, Any]], Iterable[tuple[str, str]]]]" = {
    "contenders": _contender_facts,
    "workloads": lambda row: [(row["name"], row["summary"])],
    "runtimes": _runtime_facts,
    "suites": lambda row: [(row["name"], f"{row['title']} ({row['cases']} cases)")],
    "metrics": lambda row: [(row["name"], f"[{row['unit']}] {row['definition']}")],
    WORDS: lambda row: [(row["name"], row["meaning"])],
}
