"""The only place that makes Requests, so that all commands ask workers in the same way."""

import msgspec

from embbench.cases.case import Case
from embbench.cases.protocol import Protocol
from embbench.cases.sources import Source
from embbench.contenders import Contender
from embbench.store.exchange import TURNS, Request


def make_request(
    run: str,
    suite: str,
    case: Case,
    number: int,
    protocol: Protocol,
    contender: Contender,
    launch: str = "",
    slowdown: float | None = None,
    source: Source | None = None,
    planted: str = "",
    hash_seed: int | None = None,
    checked: bool = False,
    watched: bool = False,
    reference: Case | None = None,
) -> Request:
    """number: of the round. protocol: of this case, see `Plan.protocols`. launch, slowdown, source,
    planted, hash_seed, checked, watched, reference: see `Request`."""
    return Request(
        run=run,
        suite=suite,
        case=case,
        round=number,
        protocol=protocol,
        contender=contender.path,
        launch=launch,
        slowdown=slowdown,
        source=source,
        planted=planted,
        hash_seed=hash_seed,
        checked=checked,
        watched=watched,
        reference=reference,
    )


def without(request: Request, phase: str) -> Request:
    """The request without a phase that only explains the step: a name of BESIDES, or TURNS."""
    if phase == TURNS:
        return msgspec.structs.replace(request, reference=None)
    protocol = msgspec.structs.replace(request.protocol, **dict.fromkeys([phase], False))
    return msgspec.structs.replace(request, protocol=protocol)
