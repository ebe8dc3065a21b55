"""Times of a jitted step from XLA's profiler: the operations that come from named scopes of its program."""

import re
from typing import NamedTuple

import jax

from embbench.cases.contender import Trial
from embbench.engines.profile import Span, covered, recorded

_OPERATION = re.compile(r'%(\S+) = .*?metadata=\{op_name="([^"]*)"')


class Scopes(NamedTuple):
    """Names of jax.named_scope around parts of a step: the lookup, and the optimizer on everything."""

    lookup: str
    optimizer: str


def profiled(trial: Trial, program: str, times: int, scopes: Scopes) -> dict[str, float]:
    """Seconds per step, by names of `cases.capabilities.PROFILED`. program: text of the compiled step, which has the
    origin of every operation; the origin of a fusion is the origin of its result.
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
    """The part of an operation. A scope's derivative is 'jvp(scope)'; its backward pass is 'transpose(jvp(scope))'."""
    names = re.split(r"[/()]", origin)
    if scopes.optimizer in names:
        return "optimizer"
    if scopes.lookup not in names:
        return None
    return "gradient" if "transpose" in names else "lookup"
