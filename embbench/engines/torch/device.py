"""What the contenders on PyTorch share: threads, fence, peak of memory, what a profile shows, an unused compiler."""

import bisect
import functools
import statistics
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile, record_function

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported

CALL = "embbench: call"  # of what is profiled


def set_up(case: Case) -> None:
    """Before anything is built. Raises Unsupported."""
    if case.device == "cuda" and not torch.cuda.is_available():
        raise Unsupported("no CUDA device")
    if case.device == "cuda":  # else an LSTM of cuDNN multiplies in TF32, which the other frameworks are kept from too
        torch.backends.cudnn.allow_tf32 = False
    torch.set_num_threads(case.threads)
    # Of a process's first call of each of these, MKL may compute one thread's part to 12 bits only where several
    # threads make it at once (pytorch#188792): Adam's first step, which the audit then refuses. One number is one
    # thread's.
    for function in (torch.sqrt, torch.exp, torch.log, torch.tanh):
        function(torch.ones(1, dtype=getattr(torch, case.dtype)))


def sync(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def memory(device: torch.device) -> dict[str, int]:
    if device.type != "cuda":
        return {}
    peak = torch.cuda.max_memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    return {"device_peak": peak}


def settings(device: torch.device) -> dict[str, Any]:
    told = {"threads": torch.get_num_threads(), "float32 matmul": torch.get_float32_matmul_precision()}
    if device.type == "cuda":
        told |= {"device": torch.cuda.get_device_name(), "cudnn": torch.backends.cudnn.version()}
        told["cudnn tf32"] = "on" if torch.backends.cudnn.allow_tf32 else "off"
    return told


def operators(run: Callable[[], Any]) -> dict[str, int]:
    """How often a profile of `run` shows each operator."""
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        run()
    return {event.key: event.count for event in seen.key_averages()}


def profiled(run: Callable[[], Any], times: int, names: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    """Seconds that a profile gives to the events of `names`, parts of these included, in the middle one of `times`
    calls of `run`: a mean would have the page faults of one call in which the heap grew. What has no event is left
    out. A name that ends in '#' is the beginning of one.
    """
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        for _ in range(times):
            with record_function(CALL):
                run()
    begun = sorted(event.time_range.start for event in seen.events() if event.key == CALL)
    seconds: dict[str, list[float]] = {}
    for event in seen.events():
        for told, wanted in names.items():
            if event.key in wanted or f"{event.key.partition('#')[0]}#" in wanted:
                calls = seconds.setdefault(told, [0.0] * times)
                calls[bisect.bisect(begun, event.time_range.start) - 1] += event.cpu_time_total / 1e6
    return {told: statistics.median(calls) for told, calls in seconds.items()}


@functools.cache
def warm_up_compiler(device: str) -> None:
    """What the first compilation of a process does whatever it compiles: loading inductor, precompiling a header. Done
    here, as part of build_time, so that first_step_time is the program's own. Raises Unsupported.
    """
    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        get_cpp_compiler()
    except InvalidCxxCompiler:
        raise Unsupported("torch.compile needs a C++ compiler: install g++, or name yours in CXX") from None
    torch.compile(lambda x: x + 1)(torch.ones(64, device=device))


def forget_compiled() -> None:
    """torch.compile would take another trial's shapes for a reason to compile for all shapes, and after some models
    leave the rest uncompiled without a word.
    """
    from torch._dynamo.utils import counters
    from torch._inductor import metrics

    torch._dynamo.reset()
    counters.clear()
    metrics.reset()
