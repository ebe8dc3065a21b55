"""The ranks of a round: one worker for each, and a single Round of all."""

import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec

from embbench.launch.attempt import Job
from embbench.launch.order import FAILURES
from embbench.store.exchange import RankPlace
from embbench.store.round import Round

SOCKET = "lead"  # name of the socket on which the lead listens, in a folder that only this user can read


def jobs_of_ranks(job: Job, folder: str) -> list[Job]:
    """The jobs of all ranks, the lead's first. folder: exists while the workers run."""
    ranks, address, key = job.request.case.ranks, str(Path(folder) / SOCKET), secrets.token_hex(16)
    places = [RankPlace(number, ranks, address, key) for number in range(ranks)]
    return [msgspec.structs.replace(job, request=msgspec.structs.replace(job.request, rank=place)) for place in places]


def round_of_ranks(rounds: Sequence[Round], first: int | None) -> Round:
    """The Round of all ranks: the lead's; where a rank failed, the lead's with the end of that rank. rounds: in the
    order of the ranks. first: the rank that ended the others; None if none did.
    """
    lead = rounds[0]
    if first is None or lead.status == "ok":
        return lead
    failed = rounds[first]
    reason = f"rank {first}: {failed.reason}" if failed.status in FAILURES - {"timeout"} else failed.reason
    conditions = {**lead.conditions, **failed.conditions}
    return msgspec.structs.replace(lead, status=failed.status, reason=reason, conditions=conditions)
