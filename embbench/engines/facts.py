"""An engine's declaration of its updates, written once, in a data file beside the engine's code. The file is read and
never executed.

`"engine": "torch/eager"` in DECLARES names `engines/torch/eager.toml`. The data file may have all keys of DECLARES. A
contender lists the updates that it takes from the engine: `"updates": ["default", "fused"]`.
"""

import tomllib
from pathlib import Path
from typing import Any

from embbench.cases.case import TABLES
from embbench.errors import UsageError, unknown

HERE = Path(__file__).parent
BY_NAME = ("changes", "precisions", "epsilon")  # merged by name: a contender's entry replaces the engine's entry only


def facts_file(declares: Any) -> Path | None:
    """The data file of the engine that DECLARES names; None without an engine. Raises UsageError."""
    if not isinstance(declares, dict) or "engine" not in declares:
        return None
    there = {path.relative_to(HERE).with_suffix("").as_posix(): path for path in sorted(HERE.glob("*/*.toml"))}
    name = declares["engine"]
    if not isinstance(name, str) or name not in there:
        raise UsageError("engine: " + unknown("name", str(name), there))
    return there[name]


def resolve(declares: dict[str, Any], facts: Path) -> dict[str, Any]:
    """DECLARES with the engine's facts about the listed updates. DECLARES overrides the engine. Raises UsageError."""
    known = tomllib.loads(facts.read_text(encoding="utf-8"))
    chosen = declares.get("updates")
    if not isinstance(chosen, list) or not all(isinstance(name, str) for name in chosen):
        raise UsageError('updates: with an engine, a list of names of its updates, such as ["default"]')
    for name in chosen:
        if name not in known["updates"]:
            raise UsageError("updates: " + unknown("name", name, known["updates"]))
    for key, names in (("changes", (*chosen, *TABLES)), ("precisions", chosen)):
        known[key] = {name: told for name, told in known.get(key, {}).items() if name in names}
    own = {key: told for key, told in declares.items() if key != "engine"}
    for key in BY_NAME:
        if isinstance(own.get(key), dict):
            own[key] = {**known.get(key, {}), **own[key]}
    return {**known, **own, "updates": {name: known["updates"][name] for name in chosen}}
