"""`embbench list`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embbench.cli.flags import Output
from embbench.cli.show import GREP_WIDTH, show

if TYPE_CHECKING:
    from embbench.cases.precision import Precision
    from embbench.cases.update_path import Path
    from embbench.contenders import Contender

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
    format: Annotated[str, typer.Option("--format", metavar="NAME", help="text, md, json or html.")] = "text",
    output: Output = None,
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
    from embbench.report.list_document import list_document
    from embbench.report.writers import check_format

    check_format(format, csv=False)
    if kind is not None and kind not in (*KINDS, WORDS):
        from embbench.errors import UsageError, unknown

        raise UsageError(unknown("list", kind, (*KINDS, WORDS)))
    wanted = KINDS if kind is None else (kind,)
    makers = {"contenders": lambda: contender_rows(contender or []), "workloads": workload_rows}
    makers |= {"runtimes": runtime_rows, "suites": suite_rows, "metrics": metric_rows, WORDS: word_rows}
    data = {name: makers[name]() for name in wanted}
    show(list_document(data), format, output, pipe=GREP_WIDTH)
    return 0


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
    from embbench.report.glossary import GLOSSARY

    return [{"name": name, "meaning": meaning} for name, meaning in GLOSSARY.items()]


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
        "spread": declared.spread,
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
