"""Times of a step from TensorFlow's profiler: the operations within scopes."""

import tensorflow as tf

from embbench.cases.contender import Trial
from embbench.engines.profile import Span, covered, recorded


def profiled(trial: Trial, times: int, scopes: dict[str, str]) -> dict[str, float]:
    """Seconds per step, by names of `cases.capabilities.PROFILED`. scopes: name -> tf.name_scope."""
    # not a public module: if it is missing, only the profile is lost, and not the contender
    from tensorflow.tsl.profiler.protobuf.xplane_pb2 import XSpace

    told = tf.profiler.experimental
    options = told.ProfilerOptions(host_tracer_level=2, python_tracer_level=0)
    space = XSpace.FromString(recorded(lambda place: told.start(place, options), told.stop, trial, times))
    spans: dict[str, list[Span]] = {}
    for plane in space.planes:
        parts = {key: _part(each.name, scopes) for key, each in plane.event_metadata.items()}
        for line in plane.lines:
            for event in line.events:
                if (part := parts[event.metadata_id]) is not None:
                    begin = line.timestamp_ns + event.offset_ps / 1000
                    spans.setdefault(part, []).append((begin, begin + event.duration_ps / 1000))
    return {part: covered(found) / 1e9 / times for part, found in spans.items()}


def _part(name: str, scopes: dict[str, str]) -> str | None:
    """name: 'scope/inner/operation:Kind', perhaps inside a called function."""
    within = name.split("/")[:-1]
    if "gradient_tape" in within:  # TensorFlow names the backward pass after the forward pass
        return None
    return next((part for part, scope in scopes.items() if scope in within), None)
