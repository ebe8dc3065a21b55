"""`embbench list`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embbench.cli.flags import one_of
from embbench.cli.output import put
from embbench.plain import one_line

if TYPE_CHECKING:
    from embbench.contenders import Contender
    from embbench.spec.contender import Path
    from embbench.spec.precision import Precision

KINDS = ("contenders", "workloads", "runtimes", "suites", "metrics")
WORDS = "words"  # listed only where asked for


def list_(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="[contenders|workloads|runtimes|suites|metrics|words]",
            help="What to list; all but words if not given.",
            show_default=False,
        ),
    ] = None,
    contender: Annotated[
        list[str] | None,
        typer.Option("--contender", metavar="FILE.py", help="Also list your own contender file.", show_default=False),
    ] = None,
    format: Annotated[str, typer.Option("--format", metavar="NAME", help="text or json.")] = "text",
) -> int:
    """List contenders with what each can do, workloads, runtimes, suites, and metrics with their definitions. Loads no
    framework.

    \b
    Examples:
      embbench list
      embbench list contenders --contender ./my_model.py
      embbench list metrics --format json
      embbench list words
    """
    one_of("format", format, ("text", "json"))
    if kind is not None and kind not in (*KINDS, WORDS):
        from embbench.errors import UsageError, unknown

        raise UsageError(unknown("list", kind, (*KINDS, WORDS)))
    wanted = KINDS if kind is None else (kind,)
    makers = {"contenders": lambda: contender_rows(contender or []), "workloads": workload_rows}
    makers |= {"runtimes": runtime_rows, "suites": suite_rows, "metrics": metric_rows, WORDS: word_rows}
    data = {name: makers[name]() for name in wanted}
    if format == "json":
        from embbench import wire

        put(lambda _width, _colour: wire.document(data))
        return 0
    put(lambda _width, _colour: "\n\n".join(_text(name, rows) for name, rows in data.items()) + "\n")
    return 0


def contender_rows(files: list[str]) -> list[dict[str, Any]]:
    """name, summary, installed versions or how to install, and per update and optimizer the class or the reason."""
    from embbench.contenders import discover

    return [_contender(each) for each in discover(files).values()]


def workload_rows() -> list[dict[str, Any]]:
    """name and summary."""
    from embbench.workloads import workloads

    return [{"name": name, "summary": each.SUMMARY} for name, each in workloads().items()]


def runtime_rows() -> list[dict[str, Any]]:
    """name, summary, environment variables that it sets, and why it cannot be had here ('' where it can)."""
    from embbench.launch.runtime_needs import lacking
    from embbench.spec.runtimes import RUNTIMES

    return [
        {"name": name, "summary": each.summary, "variables": each.variables, "lacking": lacking(name)}
        for name, each in RUNTIMES.items()
    ]


def suite_rows() -> list[dict[str, Any]]:
    """name, title and number of cases."""
    from embbench.spec.suite import expand, load_suite, suite_names

    suites = [load_suite(name) for name in suite_names()]
    return [{"name": each.name, "title": each.title, "cases": len(expand(each.blocks, {}))} for each in suites]


def word_rows() -> list[dict[str, Any]]:
    """name and meaning."""
    from embbench.cli.words import WORDS

    return [{"name": name, "meaning": meaning} for name, meaning in WORDS.items()]


def metric_rows() -> list[dict[str, Any]]:
    """name, unit, kind, better, treatment (how it is summarised and judged) and definition."""
    import msgspec

    from embbench.spec.metrics import METRICS

    return [msgspec.to_builtins(metric) for metric in METRICS.values()]


def _contender(each: "Contender") -> dict[str, Any]:
    from embbench.contenders import missing_packages, packages
    from embbench.launch.preflight import how_to_install
    from embbench.spec.case import OPTIMIZERS

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
    """As a case of it shows it. precision: of its update."""
    import msgspec

    kept = msgspec.structs.replace(path, precision=path.precision or precision).kept(optimizer)
    return f"{path.semantic} {kept}".rstrip()


def _text(name: str, rows: list[dict[str, Any]]) -> str:
    lines = {
        "contenders": _contender_lines,
        "workloads": _workload_lines,
        "runtimes": _runtime_lines,
        "suites": _suite_lines,
        "metrics": _metric_lines,
        WORDS: lambda row: [f"{row['name']}: {row['meaning']}"],
    }[name]
    return "\n".join([name, *(f"  {_indented(line)}" for row in rows for line in lines(row))])


def _indented(line: str) -> str:
    """One line of what may be a file's own text, as deep as it was."""
    depth = len(line) - len(line.lstrip(" "))
    return " " * depth + one_line(line)


def _contender_lines(row: dict[str, Any]) -> list[str]:
    versions = ", ".join(f"{name} {version}" for name, version in row["packages"].items() if version)
    lines = [f"{row['name']}: {row['summary']}", f"  {row['install'] or 'installed: ' + (versions or 'needs nothing')}"]
    lines.append(f"  tables {', '.join(row['tables'])} · {', '.join(row['dtypes'])} · {', '.join(row['devices'])}")
    lines[-1] += f" · ids {', '.join(row['ids'])}" if len(row["ids"]) > 1 else ""
    lines[-1] += f" · {', '.join(row['workloads'])}" if len(row["workloads"]) > 1 else ""
    for update, optimizers in row["updates"].items():
        refused = row["unsupported"][update]
        classes = [f"{name} {what}" for name, what in optimizers.items() if name not in refused]
        reasons: dict[str, list[str]] = {}
        for name in refused:
            reasons.setdefault(optimizers[name], []).append(name)
        lines.append(f"  update {update}: {', '.join(classes) or 'nothing'}")
        lines.extend(f"    {', '.join(names)}: {reason}" for reason, names in reasons.items())
    return lines


def _workload_lines(row: dict[str, Any]) -> list[str]:
    return [f"{row['name']}: {row['summary']}"]


def _runtime_lines(row: dict[str, Any]) -> list[str]:
    settings = " ".join(f"{name}={value}" for name, value in row["variables"].items())
    told = [f"  {text}" for text in (settings, row["lacking"] and f"not here: {row['lacking']}") if text]
    return [f"{row['name']}: {row['summary']}", *told]


def _suite_lines(row: dict[str, Any]) -> list[str]:
    return [f"{row['name']} ({row['cases']} cases): {row['title']}"]


def _metric_lines(row: dict[str, Any]) -> list[str]:
    return [f"{row['name']} [{row['unit']}]: {row['definition']}"]
