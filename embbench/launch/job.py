"""The job of several processes around this process, by the variables of torchrun, SLURM or MPI."""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from embbench.errors import UsageError
from embbench.plain import one_line

PORT = 29_500  # torchrun's default
BESIDE = 17  # added to the port of the job, at which something else listens


class Starter(NamedTuple):
    """The variables of what starts jobs: number of the process, processes of the job, number on its machine, and the
    machine of process 0.
    """

    rank: str
    ranks: str
    local: str
    address: str = "MASTER_ADDR"


STARTERS = (
    Starter("RANK", "WORLD_SIZE", "LOCAL_RANK"),  # torchrun
    Starter("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "SLURM_STEP_NODELIST"),
    Starter("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"),
    Starter("PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"),
)


class JoinedJob(NamedTuple):
    """number: of this process, from 0. ranks: processes of the job. local: number on this machine. address, port: at
    which process 0 listens. key: the secret of the job, EMBBENCH_JOB_KEY; its name where there is none. variable: that
    says how many processes the job has.
    """

    number: int
    ranks: int
    local: int
    address: str
    port: int
    key: bytes
    variable: str


def job_around(environment: Mapping[str, str] = os.environ) -> JoinedJob | None:
    """The job that this process belongs to; None for a process that nobody started with others. Raises UsageError."""
    for each in STARTERS:
        rank, ranks = environment.get(each.rank), environment.get(each.ranks, "")
        if rank is None or not ranks.isdecimal() or int(ranks) < 2:
            continue
        if not rank.isdecimal() or int(rank) >= int(ranks):
            raise UsageError(
                f"{each.rank}={one_line(rank)}: a job with {each.ranks}={ranks} has ranks from 0 to {int(ranks) - 1}; "
                f"unset {each.ranks} to measure with one process"
            )
        local, port = environment.get(each.local, ""), environment.get("MASTER_PORT", "")
        told = environment.get("MASTER_ADDR") or _first_machine(environment.get(each.address, ""))
        return JoinedJob(
            number=int(rank),
            ranks=int(ranks),
            local=int(local) if local.isdecimal() else int(rank),
            address=told or "127.0.0.1",
            port=(int(port) if port.isdecimal() else PORT) + BESIDE,
            key=environment.get("EMBBENCH_JOB_KEY", _name_of(environment)).encode(),
            variable=each.ranks,
        )
    return None


def _name_of(environment: Mapping[str, str]) -> str:
    names = ("TORCHELASTIC_RUN_ID", "SLURM_JOB_ID", "SLURM_STEP_ID")
    return "/".join([*(environment.get(name, "") for name in names), str(os.getuid())])


def _first_machine(machines: str) -> str:
    """'node[03-07,9],other' -> 'node03'; '' for ''."""
    match = re.match(r"([^\[,]+)(?:\[(\d+))?", machines)
    return "" if match is None else match[1] + (match[2] or "")
