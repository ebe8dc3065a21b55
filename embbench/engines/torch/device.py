"""Shared by the contenders on PyTorch: threads, fence, peak memory, facts from profiles, state of the compiler."""

import bisect
import functools
import statistics
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile, record_function

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported

CALL = "embbench: call"  # event of a profiled call


def set_up(case: Case) -> None:
    """Configures PyTorch before anything is built. Raises Unsupported."""
    if case.device == "cuda" and not torch.cuda.is_available():
        raise Unsupported("no CUDA device")
    if case.device == "cuda":  # else cuDNN's LSTM multiplies in TF32, which is off in the other frameworks too
        torch.backends.cudnn.allow_tf32 = False
    torch.set_num_threads(case.threads)
    # In a process's first call of one of these functions, MKL may compute one thread's part to 12 bits only, if several
    # threads call it at once (pytorch#188792). The audit then refuses Adam's first step. A call with a single number
    # uses a single thread.
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
    """Operator -> number of calls in a profile of `run`."""
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        run()
    return {event.key: event.count for event in seen.key_averages()}


def profiled(
    run: Callable[[], Any], times: int, names: Mapping[str, tuple[str, ...]], device: str = "cpu"
) -> dict[str, float]:
    """Name -> seconds of its events in a profile, including their parts: the median over `times` calls of `run`,
    because a mean would include the page faults of a call in which the heap grew. Names without events are left out. An
    event in `names` that ends in '#' is a prefix. On a GPU, the seconds are those of the kernels that an event started.
    """
    on_gpu = device == "cuda"
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]) as seen:
        for _ in range(times):
            with record_function(CALL):
                run()
        sync(torch.device(device))
    # A GPU's timeline has events of its own, and repeats those of record_function.
    events = [event for event in seen.events() if event.device_type == DeviceType.CPU]
    begun = sorted(event.time_range.start for event in events if event.key == CALL)
    taken = "device_time_total" if on_gpu else "cpu_time_total"
    seconds: dict[str, list[float]] = {}
    for event in events:
        for told, wanted in names.items():
            if event.key in wanted or f"{event.key.partition('#')[0]}#" in wanted:
                calls = seconds.setdefault(told, [0.0] * times)
                calls[bisect.bisect(begun, event.time_range.start) - 1] += getattr(event, taken) / 1e6
    return {told: statistics.median(calls) for told, calls in seconds.items()}


@functools.cache
def warm_up_compiler(device: str) -> None:
    """The first compilation of a process loads inductor and precompiles a header, whatever it compiles. Done here, it
    is part of build_time, and first_step_time is the program's own. Raises Unsupported.
    """
    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        get_cpp_compiler()
    except InvalidCxxCompiler:
        raise Unsupported("torch.compile needs a C++ compiler: install g++, or name yours in CXX") from None
    torch.compile(lambda x: x + 1)(torch.ones(64, device=device))


def forget_compiled() -> None:
    """Resets torch.compile. It would take another trial's shapes for a reason to compile for all shapes, and after some
    models it silently leaves the rest uncompiled.
    """
    from torch._dynamo.utils import counters
    from torch._inductor import metrics

    torch._dynamo.reset()
    counters.clear()
    metrics.reset()
