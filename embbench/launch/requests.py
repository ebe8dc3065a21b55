"""The only place that makes Requests, so that all commands ask workers in the same way."""

from embbench.cases.case import Case
from embbench.cases.protocol import Protocol
from embbench.cases.sources import Source
from embbench.contenders import Contender
from embbench.store.exchange import Request


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
) -> Request:
    """number: of the round. protocol: of this case, see `Plan.protocols`. launch, slowdown, source,
    planted, hash_seed, checked, watched: see `Request`."""
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
    )
