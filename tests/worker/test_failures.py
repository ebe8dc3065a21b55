"""What the error of a contender means for its round: whose memory ran out, and what was asked for."""

import pytest

from embbench.cases.protocol import Protocol
from embbench.worker import memory_rate
from embbench.worker.failures import classify, memory_errors
from tests.fakes.clock import CLOCK
from tests.fakes.fake import PartedTrial
from tests.fakes.kit import Scripted

GPU = "/job:localhost/replica:0/task:0/device:GPU:0"
CPU = "/job:localhost/replica:0/task:0/device:CPU:0"
TENSOR = "OOM when allocating tensor with shape[2000000,512] and type float on"


class ResourceExhaustedError(Exception):
    """TensorFlow's is no RuntimeError either."""


@pytest.mark.parametrize(
    ("error", "on_cpu", "on_gpu"),
    [
        (MemoryError("Unable to allocate 8.00 EiB"), "oom_host", "oom_host"),
        (RuntimeError("CUDA out of memory. Tried to allocate 3.73 GiB. GPU 0 has a total"), "oom_host", "oom_device"),
        (RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be"), "oom_host", "oom_device"),
        (
            RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(h)`"),
            "oom_host",
            "oom_device",
        ),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), "oom_host", "oom_device"),
        (RuntimeError("CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"), "oom_host", "oom_device"),
        (RuntimeError("CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED"), "oom_host", "oom_host"),
        (RuntimeError("INTERNAL: Failed to load in-memory CUBIN: CUDA_ERROR_OUT_OF_MEMORY"), "oom_host", "oom_device"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to"), "oom_host", "oom_host"),
        (RuntimeError("std::bad_alloc"), "oom_host", "oom_host"),
        (ValueError("RESOURCE_EXHAUSTED: Out of memory allocating 4000 bytes."), "oom_host", "oom_device"),
        (ResourceExhaustedError(f"{TENSOR} {GPU} by allocator GPU_0_bfc [Op:Fill]"), "oom_host", "oom_device"),
        (ResourceExhaustedError(f"{TENSOR} {CPU} by allocator gpu_host_bfc [Op:Fill]"), "oom_host", "oom_host"),
        (ResourceExhaustedError(f"{TENSOR} {CPU} by allocator mklcpu [Op:Fill]"), "oom_host", "oom_host"),
        (ResourceExhaustedError(), "oom_host", "oom_device"),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), "crash", "crash"),
        (RuntimeError("out of resource: shared memory, Required: 262144"), "crash", "crash"),
        (ValueError("shapes (3,) and (4,) differ"), "crash", "crash"),
        (ImportError("libgomp.so.1: cannot allocate memory in static TLS block"), "unsupported", "unsupported"),
    ],
)
def test_the_memory_that_ran_out_is_told_by_its_allocator(error, on_cpu, on_gpu):
    assert (classify(error, "cpu")[0], classify(error, "cuda")[0]) == (on_cpu, on_gpu)


@pytest.mark.parametrize(
    "before",
    [
        "Graph execution error:\n\nDetected at node Fill defined at (most recent call last):\n",
        "Exception encountered when calling Embedding.call().\n\n",
    ],
)
def test_the_reason_says_what_was_asked_for_wherever_the_message_says_so(before):
    reason = classify(ResourceExhaustedError(f"{before}{TENSOR} {GPU} by\nmore"), "cuda")[1]
    assert reason == f"ResourceExhaustedError: {TENSOR} {GPU} by"


def test_only_a_lack_of_memory_becomes_a_memory_error():
    with pytest.raises(MemoryError, match="ResourceExhaustedError: OOM when allocating tensor"), memory_errors():
        raise ResourceExhaustedError(TENSOR)
    with pytest.raises(MemoryError, match="too big"), memory_errors():
        raise MemoryError("too big")
    with pytest.raises(ZeroDivisionError), memory_errors():
        raise ZeroDivisionError


@pytest.mark.parametrize("error", [ResourceExhaustedError(TENSOR), ValueError("RESOURCE_EXHAUSTED: Out of memory")])
@pytest.mark.parametrize("part", ["parts", "network", "profile"])
def test_a_lack_of_memory_while_a_step_is_taken_apart_costs_the_parts_alone(run_round, monkeypatch, error, part):
    def fails(*told):
        raise error

    monkeypatch.setattr(memory_rate, "make_kit", lambda device, threads: Scripted(CLOCK))
    if part == "network":
        programs = PartedTrial.parts
        monkeypatch.setattr(PartedTrial, "parts", lambda self: {**programs(self), "network": fails})
    else:
        monkeypatch.setattr(PartedTrial, part, fails, raising=False)
    round_ = run_round("PartedTrial", protocol=Protocol(budget=0.06, warmup=0.01, block=0.0025, phases=True))
    assert (round_.status, round_.audit.passed) == ("ok", True)
    assert str(error) in round_.conditions["profile" if part == "profile" else "phases"]
    assert ("phase_step" in round_.metrics) == (part == "profile")
