"""A user's own model as a contender: `--model FILE.py:NAME`."""

import hashlib
from pathlib import Path

from embbench.cases.case import DEVICES, Case
from embbench.cases.contender import Declaration
from embbench.cases.update_path import Path as UpdatePath
from embbench.engines.imported import files_and_imports
from embbench.engines.model_file import HERE, UNCHANGED, WORKLOAD, ModelFile, changes_of


def name_of(file: ModelFile) -> str:
    """'wlm:build', the name of wlm.py:build in results."""
    return f"{Path(file.path).stem}:{file.function}"


def declaration_of(file: ModelFile) -> Declaration:
    """What can be done with a user's own model: its unmodified step, and the step with each change of its engine."""
    exact: dict[str, UpdatePath | str] | str = {
        Case().optimizer: UpdatePath(semantic="exact")
    }  # the user's file chooses the optimizer
    return Declaration(
        summary="your own model",
        packages=file.frameworks[:1],
        devices=DEVICES,
        tables=("trainable",),
        workloads=(WORKLOAD,),
        updates=dict.fromkeys((UNCHANGED, *(name for each in file.frameworks for name in changes_of(each))), exact),
    )


def engine_parts(file: ModelFile) -> list[Path]:
    """The files of the engine that step a user's own model."""
    files = [path for each in file.frameworks for path in (HERE / each / "own_model").rglob("*.py")]
    return sorted(set(files_and_imports([HERE / "own_models.py", *files])))


def digest_of(file: ModelFile) -> str:
    """Of the user's files, and of the engine's files that step them."""
    parts = engine_parts(file)
    return hashlib.sha256(file.digest.encode() + b"".join(each.read_bytes() for each in parts)).hexdigest()[:12]
