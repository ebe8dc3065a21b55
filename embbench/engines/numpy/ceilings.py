"""The CPU's kit. NumPy is always installed and releases Python's lock, so threads share the work. Each thread repeats
its own part, so that a sample starts the threads once.
"""

import mmap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from embbench.engines.ceilings import Program, Programs, batches
from embbench.host.memory import available_bytes


class NumpyKit:
    def __init__(self, threads: int, huge: bool = False) -> None:
        self.threads, self.huge = threads, huge and hasattr(mmap, "MADV_HUGEPAGE")
        self.software = {"numpy": np.__version__}
        self.most_rows, self.most_bytes = 4096, 1 << 20
        self._pool = ThreadPoolExecutor(threads)
        self._last = _memory(mmap.PAGESIZE, huge=False)

    def free(self) -> int:
        return available_bytes()

    def streams(self, size: int) -> Programs:
        whole = self._touched(size)
        parts = np.array_split(whole, self.threads)
        halves = [np.array_split(part[: len(part) // 2 * 2], 2) for part in parts]
        return {
            "read": self._program([lambda part=part: np.maximum.reduce(part) for part in parts], size),
            "write": self._program([lambda part=part: part.fill(1.0) for part in parts], size),
            "copy": self._program([lambda one=one, other=other: np.copyto(other, one) for one, other in halves], size),
            "update": self._program([lambda part=part: np.multiply(part, 1.0, out=part) for part in parts], 2 * size),
        }

    def rows(self, size: int, row: int, count: int) -> Programs:
        columns = row // 4
        table = self._touched(size)[: size // row * columns].reshape(-1, columns)
        rng = np.random.default_rng(0)
        share = -(-count // self.threads)
        readers: list[Callable[[], object]] = []
        writers: list[Callable[[], object]] = []
        for _ in range(self.threads):
            places = _cycled(rng.integers(0, len(table), (batches(size, row * count), share)))
            held = np.ones((share, columns), np.float32)
            readers.append(lambda places=places, held=held: table.take(next(places), axis=0, out=held, mode="clip"))
            writers.append(lambda places=places, held=held: table.__setitem__(next(places), held))
        amount = share * self.threads * row
        return {"gather": self._program(readers, amount), "scatter": self._program(writers, amount)}

    def products(self, width: int) -> Programs:
        one, other, result = (np.ones((width, width), np.float32) for _ in range(3))

        def run(times: int) -> None:
            for _ in range(times):
                np.matmul(one, other, out=result)  # the BLAS library has its own threads

        return {"product": Program(run, 2 * width**3)}

    def touches(self, size: int) -> Programs:
        def run(times: int) -> None:
            for _ in range(times):
                list(
                    self._pool.map(lambda part: part.fill(0.0), np.array_split(_memory(size, self.huge), self.threads))
                )

        return {"touch": Program(run, size)}

    def _touched(self, size: int) -> np.ndarray:
        """Memory with allocated pages. The last memory is reused at the same size, because page faults are slow."""
        if self._last.nbytes != size:
            self._last = _memory(size, self.huge)
            self._last.fill(1.0)
        return self._last

    def _program(self, parts: list[Callable[[], object]], amount: float) -> Program:
        def repeat(part: Callable[[], object], times: int) -> None:
            for _ in range(times):
                part()

        def run(times: int) -> None:
            list(self._pool.map(repeat, parts, [times] * len(parts)))

        return Program(run, amount)


def _memory(size: int, huge: bool) -> np.ndarray:
    """float32 memory from the system: NumPy's allocator requests huge pages, which few frameworks do."""
    found = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if huge:
        found.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(found, np.float32)


def _cycled(batches: np.ndarray):
    while True:
        yield from batches
