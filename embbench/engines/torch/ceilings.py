"""A CUDA device's kit. A sweep is a CUDA graph of SWEEPS programs: the host takes longer to start a program than the
device takes to move a few megabytes.
"""

from collections.abc import Callable

import torch

from embbench.cases.contender import Unsupported
from embbench.engines.ceilings import FEWEST, Program, Programs, batches
from embbench.engines.torch.device import sync
from embbench.host.memory import available_bytes

SWEEPS = FEWEST  # as many as the batches of places


class TorchKit:
    most_rows, most_bytes = 1 << 18, 1 << 24  # starting a kernel takes as long as moving some megabytes

    def __init__(self, device: str) -> None:
        if device == "cuda" and not torch.cuda.is_available():
            raise Unsupported("no CUDA device")
        self.device = torch.device(device)
        self.software = {"torch": str(torch.__version__)}  # TorchVersion is a str that no encoder knows

    def free(self) -> int:
        return torch.cuda.mem_get_info()[0] if self.device.type == "cuda" else available_bytes()

    def streams(self, size: int) -> Programs:
        whole = torch.ones(size // 4, device=self.device)
        one, other = whole[: size // 8], whole[size // 8 : size // 8 * 2]
        return {
            "read": self._program(whole.amax, size),
            "write": self._program(lambda: whole.fill_(1.0), size),
            "copy": self._program(lambda: other.copy_(one), size),
            "update": self._program(lambda: whole.mul_(1.0), 2 * size),
        }

    def rows(self, size: int, row: int, count: int) -> Programs:
        table = torch.ones(size // row, row // 4, device=self.device)
        places = torch.randint(len(table), (batches(size, row * count), count), device=self.device)
        held = torch.ones(count, row // 4, device=self.device)
        turn = iter(range(1 << 62))
        return {
            "gather": self._program(
                lambda: torch.index_select(table, 0, places[next(turn) % len(places)], out=held), count * row
            ),
            "scatter": self._program(lambda: table.index_copy_(0, places[next(turn) % len(places)], held), count * row),
        }

    def products(self, width: int) -> Programs:
        one, other = (torch.ones(width, width, device=self.device) for _ in range(2))
        return {"product": self._program(lambda: one @ other, 2 * width**3)}

    def touches(self, size: int) -> Programs:
        return {}

    def _program(self, program: Callable[[], object], amount: float) -> Program:
        sweep = captured(program) if self.device.type == "cuda" else program

        def run(times: int) -> None:
            for _ in range(times):
                sweep()
            sync(self.device)

        return Program(run, amount * SWEEPS if self.device.type == "cuda" else amount)


def captured(program: Callable[[], object]) -> Callable[[], None]:
    """A CUDA graph of SWEEPS calls. Calls on another stream come first, as a capture needs."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        program()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(SWEEPS):
            program()
    return graph.replay
