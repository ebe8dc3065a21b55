"""Where rounds come from: machine, software and contender digest, read without importing any framework."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from embbench.cases.case import Case, case_id
from embbench.cases.contender import Declaration
from embbench.cases.declared import declare
from embbench.contenders import Contender, software
from embbench.engines.model_file import WORKLOAD
from embbench.host.code import absolute
from embbench.host.commit import commit_here
from embbench.host.machine import machine_facts
from embbench.launch.inventory import PythonEnvironment
from embbench.store.exchange import Request
from embbench.store.round import Round, Status

BEFORE_START = "before start"
SUSPECT = frozenset({"memory-grows", "cheaper-unwatched"})  # codes of warnings


class Origin(msgspec.Struct, frozen=True):
    """machine: `machine_facts()`. software: contender name -> versions in which its rounds must agree. folders:
    contender name -> folder of its file. environments: contender name -> the environment that runs it, if not this
    process's own. declarations: contender name -> its declaration. commit: see Round.
    """

    machine: dict[str, Any]
    software: dict[str, dict[str, str]]
    folders: dict[str, str] = {}
    environments: Mapping[str, PythonEnvironment] = {}
    declarations: Mapping[str, Declaration] = {}
    commit: str = ""

    def command(self, contender: str, usual: Sequence[str]) -> Sequence[str]:
        """Starts a worker for the contender. usual: in this process's own environment."""
        environment = self.environments.get(contender)
        return usual if environment is None else environment.command

    def round_for(self, request: Request, status: Status, reason: str, phase: str = BEFORE_START) -> Round:
        """The Round of a worker that could not answer or was never started. The launcher writes this Round itself."""
        case = request.case
        declaration = self.declarations.get(case.contender)
        return Round(
            run=request.run,
            suite=request.suite,
            case_id=case_id(case),
            case=case,
            round=request.round,
            protocol=request.protocol,
            status=status,
            reason=reason,
            conditions={"phase": phase},
            machine=self.machine,
            software=self.software.get(case.contender, {}),
            started=now(),
            declared=None if declaration is None else declare(declaration, case),
        )


def find_origin(
    contenders: Mapping[str, Contender], environments: Mapping[str, PythonEnvironment] | None = None
) -> Origin:
    """The origin of rounds measured here and now by any of `contenders`. environments: see `Origin`."""
    elsewhere = environments or {}
    told = {name: each.of(name) for name, each in elsewhere.items()}
    versions = {
        name: software(contender) if (known := told.get(name)) is None else known.software
        for name, contender in contenders.items()
    }
    return Origin(
        machine_facts(),
        versions,
        folders={name: folder(contender) for name, contender in contenders.items()},
        environments=elsewhere,
        declarations={name: contender.declaration for name, contender in contenders.items()},
        commit=commit_here(),
    )


def folder(contender: Contender) -> str:
    """The absolute folder of the contender's file."""
    return str(Path(absolute(contender.path)).parent)


def was_started(round_: Round) -> bool:
    """Whether a worker began the round; otherwise the launcher refused the case without a worker."""
    return round_.conditions.get("phase") != BEFORE_START


def was_watched(rounds: Iterable[Round]) -> bool:
    """Whether a round has shown that the program does not grow and is not cheaper when unwatched. Then further rounds
    need not show it. If any round raised suspicion, every further round checks again.
    """
    lines = list(rounds)
    suspect = any(warning.code in SUSPECT for line in lines for warning in line.warnings)
    return not suspect and any(line.status == "ok" and "host_growth" in line.metrics for line in lines)


def same_program(case: Case, rounds: Iterable[Round]) -> list[Round]:
    """The rounds of the case; of a user's own model all its rounds, because its size and the changes of embbench make
    no other program of it.
    """
    if case.workload == WORKLOAD:
        return [each for each in rounds if each.case.contender == case.contender]
    return [each for each in rounds if each.case_id == case_id(case)]


def now() -> str:
    """ISO 8601, UTC, whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")
