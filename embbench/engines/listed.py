"""The workloads that an engine has files for: `engines/NAME/workloads/WORKLOAD.py`. The listing is the registry.

Such a file has `prepare(case, tokens)`, as a contender has. A contender names the engine in `engine_workloads` of its
DECLARES, and has all of the workloads then.
"""

from pathlib import Path

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


def module_of(engine: str, workload: str) -> str:
    """The name of the file's module."""
    return f"embbench.engines.{engine}.{FOLDER}.{workload}"
