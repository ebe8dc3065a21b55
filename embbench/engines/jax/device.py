"""Shared by the contenders on JAX: device, peak memory, XLA's program of a step, and the number of compilations."""

import os
import re
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported

CHUNK = 1024  # rows per read or write: few shapes, so that reading compiles once, and not for every number of rows


def set_up(case: Case) -> jax.Device:
    """Configures JAX before anything is built. Raises Unsupported."""
    os.environ["NPROC"] = str(case.threads)  # XLA sizes its CPU pools by it, on the first request for a device
    if case.device == "cpu":  # an installed CUDA plugin that finds no GPU raises an error
        jax.config.update("jax_platforms", "cpu")
    try:
        device = jax.local_devices(backend=case.device)[0]
    except RuntimeError:
        raise Unsupported("no CUDA device") from None
    jax.config.update("jax_default_device", device)
    if case.device == "cuda":  # else products of float32 are TF32; on a CPU the setting may change the program
        jax.config.update("jax_default_matmul_precision", "highest")
    return device


def reuse_programs(folder: str) -> None:
    """Compiles equal programs once, also for functions that were made anew. Not where a first step is timed. folder: of
    the compiled programs.
    """
    jax.config.update("jax_enable_compilation_cache", True)
    jax.config.update("jax_compilation_cache_dir", folder)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


# Arrays are read by programs, not through np.asarray, which gives a view of the whole array on a CPU. An array with an
# outside view is copied, not reused, where it is donated.


def copied(tree: Any) -> Any:
    """The same tree with NumPy arrays."""
    return jax.tree.map(np.array, _copy(tree))


def rows_of(array: jax.Array, ids: np.ndarray) -> np.ndarray:
    """(len(ids), columns): rows of the array."""
    rows = np.empty((len(ids), array.shape[1]), array.dtype)
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        rows[start : start + CHUNK] = np.asarray(_take(array, filled(part)))[: len(part)]
    return rows


def filled(part: np.ndarray) -> np.ndarray:
    """`part` with CHUNK entries. The first entry is repeated, so that no other row is read or written."""
    return np.concatenate([part, np.repeat(part[:1], CHUNK - len(part), axis=0)])


@jax.jit
def _copy(tree: Any) -> Any:
    return jax.tree.map(jnp.copy, tree)


@jax.jit
def _take(array: jax.Array, ids: jax.Array) -> jax.Array:
    return array[ids]


class Compilations:
    """Counts the programs that XLA compiles in this process."""

    def __init__(self) -> None:
        self.count = 0
        jax.monitoring.register_event_duration_secs_listener(self._heard)

    def _heard(self, event: str, seconds: float, **told: Any) -> None:
        self.count += event == "/jax/core/compile/backend_compile_duration"


COMPILATIONS = Compilations()  # a single object: a listener stays until the process ends


class Peak:
    """The allocator's peak on a GPU. JAX cannot reset the peak: a peak that has not grown since the last call shows
    nothing about the time since.
    """

    def __init__(self, device: jax.Device) -> None:
        self.device, self.told = device, 0

    def since_last(self) -> dict[str, int]:
        stats = self.device.memory_stats() if self.device.platform == "gpu" else None
        peak = (stats or {}).get("peak_bytes_in_use", 0)  # other allocators than XLA's own do not count
        if peak <= self.told:
            return {}
        self.told = peak
        return {"device_peak": peak}


def describe_program(
    program: jax.stages.Compiled, case: Case, state: Any, donated: bool, compiled: int
) -> dict[str, str]:
    """XLA's program of a step. state: arguments and results of the step. donated: whether the old state was seen to be
    deleted. compiled: programs that the last step compiled; any is a mistake that costs far more than a step.
    """
    text, memory = program.as_text(), program.memory_analysis()
    own = [leaf.addressable_shards[0].data.nbytes for leaf in jax.tree.leaves(state)]  # of the first device here
    share = memory.alias_size_in_bytes / sum(own)
    return {
        "lstm": _lstm(text, case.seq),
        "xla": compiling("on, one program", compiled),
        "donation": f"{share:.0%} of the state reused" if donated else "none",
        "temporaries": f"{memory.temp_size_in_bytes / 1e6:.1f} MB",
    }


def compiling(xla: str, compiled: int) -> str:
    return f"{xla}, {compiled} programs compiled anew in the last step" if compiled else xla


def settings(device: jax.Device) -> dict[str, str]:
    precision = jax.config.jax_default_matmul_precision or "default"
    return {"device": device.device_kind, "float32 matmul": precision, "threads": _threads()}


def _lstm(text: str, steps: int) -> str:
    if "__cudnn$rnn" in text or "cudnn_rnn" in text:
        return "cuDNN"
    loops = len(re.findall(rf'while\(.*known_trip_count":\{{"n":"{steps}"', text))
    unrolled = "unknown" if " while(" in text else "lax.scan, unrolled by XLA"
    return f"lax.scan, {loops} XLA loops" if loops else unrolled


def _threads() -> str:
    """Threads of XLA's CPU pool, counted, because XLA has no getter."""
    names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    return str(names.count("tf_XLAEigen")) if names else f"{os.environ['NPROC']} asked for"
