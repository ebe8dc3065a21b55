"""The workloads that an engine has files for: `engines/NAME/workloads/WORKLOAD.py`. The listing is the registry.

Such a file has `prepare(case, tokens)`, as a contender has. Its literal CHOICES has the values that the engine has of
an axis of text: {"way": ["call"]}. A contender names the engine in `engine_workloads` of its DECLARES, and has all of
the workloads then.
"""

from pathlib import Path

from embbench.cases.workload_files import literal_of
from embbench.errors import UsageError, unknown

HERE = Path(__file__).parent
FOLDER = "workloads"


def listed_workloads(engine: str) -> dict[str, Path]:
    """Workload -> file. {} for ''. Raises UsageError for an engine without such files."""
    if not engine:
        return {}
    engines = sorted(path.parent.name for path in HERE.glob(f"*/{FOLDER}"))
    if engine not in engines:
        raise UsageError("engine_workloads: " + unknown("engine", engine, engines))
    files = sorted((HERE / engine / FOLDER).glob("*.py"))
    return {path.stem: path for path in files if not path.stem.startswith("_")}


def choices_of(engine: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """Workload -> axis of text -> the values that the engine has; without axes of which it has all."""
    told = {name: literal_of(path, "CHOICES") or {} for name, path in listed_workloads(engine).items()}
    return {name: {axis: tuple(values) for axis, values in each.items()} for name, each in told.items()}


def module_of(engine: str, workload: str) -> str:
    """The name of the file's module."""
    return f"embbench.engines.{engine}.{FOLDER}.{workload}"
