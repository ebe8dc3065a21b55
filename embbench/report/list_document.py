"""Lists of contenders, workloads, runtimes, suites, metrics and words -> a Document."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from embbench.report.document import Block, Document, Facts, Heading

Fact = tuple[str, str]  # word, text


def list_document(data: Mapping[str, Sequence[Mapping[str, Any]]]) -> Document:
    """A heading and lines per list. data: rows by the name of a list; a row has the keys that `embbench list --format
    json` shows.
    """
    blocks: list[Block] = []
    for name, rows in data.items():
        facts = FACTS[name]
        blocks += [Heading(name), Facts(tuple(fact for row in rows for fact in facts(row)))]
    return Document(blocks=tuple(blocks), data=data)


SPREADS = {
    "whole": "ranks with the whole table each",
    "rows": "ranks with a part of the rows each",
    "columns": "ranks with a part of the columns each",
    "tables": "ranks of which one has the table",
}


def _contender_facts(row: Mapping[str, Any]) -> Iterator[Fact]:
    name = row["name"]
    versions = ", ".join(f"{package} {version}" for package, version in row["packages"].items() if version)
    yield name, row["summary"]
    yield name, row["install"] or "installed: " + (versions or "needs nothing")
    can = [f"tables {', '.join(row['tables'])}", ", ".join(row["dtypes"]), ", ".join(row["devices"])]
    can += [f"ids {', '.join(row['ids'])}"] if len(row["ids"]) > 1 else []
    can += [", ".join(row["workloads"])] if len(row["workloads"]) > 1 else []
    can += [SPREADS[row["spread"]]] if row["spread"] else []
    yield name, " · ".join(can)
    for update, optimizers in row["updates"].items():
        refused = row["unsupported"][update]
        classes = [f"{optimizer} {what}" for optimizer, what in optimizers.items() if optimizer not in refused]
        yield name, f"update {update}: {', '.join(classes) or 'not available'}"
        reasons: dict[str, list[str]] = {}
        for optimizer in refused:
            reasons.setdefault(optimizers[optimizer], []).append(optimizer)
        yield from ((name, f"not {', '.join(names)}: {reason}") for reason, names in reasons.items())


def _runtime_facts(row: Mapping[str, Any]) -> Iterator[Fact]:
    settings = " ".join(f"{name}={value}" for name, value in row["variables"].items())
    yield row["name"], row["summary"]
    yield from ((row["name"], text) for text in (settings, row["lacking"] and f"not here: {row['lacking']}") if text)


FACTS: dict[str, Callable[[Mapping[str, Any]], Iterable[Fact]]] = {
    "contenders": _contender_facts,
    "workloads": lambda row: [(row["name"], row["summary"])],
    "runtimes": _runtime_facts,
    "suites": lambda row: [(row["name"], f"{row['title']} ({row['cases']} cases)")],
    "metrics": lambda row: [(row["name"], f"[{row['unit']}] {row['definition']}")],
    "words": lambda row: [(row["name"], row["meaning"])],
}
