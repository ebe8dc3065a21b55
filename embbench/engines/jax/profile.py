"""What XLA's profiler says of a jitted step: the operations that come from scopes of its program."""

import re
from typing import NamedTuple

import jax

from embbench.cases.contender import Trial
from embbench.engines.profile import Span, covered, recorded

_OPERATION = re.compile(r'%(\S+) = .*?metadata=\{op_name="([^"]*)"')


class Scopes(NamedTuple):
    """Names of jax.named_scope around parts of a step: looking rows up, the optimizer on everything."""

    lookup: str
    optimizer: str


def profiled(trial: Trial, program: str, times: int, scopes: Scopes) -> dict[str, float]:
    """Seconds of each of `times` steps by names in `cases.capabilities.PROFILED`. program: the compiled step's text,
    which says where each operation comes from; a fusion comes from where its result does.
    """
    origins = dict(_OPERATION.findall(program))
    options = jax.profiler.ProfileOptions()
    options.python_tracer_level = 0

    def start(place: str) -> None:
        jax.profiler.start_trace(place, profiler_options=options)

    message = recorded(start, jax.profiler.stop_trace, trial, times)
    spans: dict[str, list[Span]] = {}
    for plane in jax.profiler.ProfileData.from_serialized_xspace(message).planes:
        for line in plane.lines:
            for event in line.events:
                if (part := _part(origins.get(event.name, ""), scopes)) is not None:
                    spans.setdefault(part, []).append((event.start_ns, event.end_ns))
    return {part: covered(found) / 1e9 / times for part, found in spans.items()}


def _part(origin: str, scopes: Scopes) -> str | None:
    """A scope's own derivative is 'jvp(scope)', what carries gradients back 'transpose(jvp(scope))'."""
    names = re.split(r"[/()]", origin)
    if scopes.optimizer in names:
        return "optimizer"
    if scopes.lookup not in names:
        return None
    return "gradient" if "transpose" in names else "lookup"
