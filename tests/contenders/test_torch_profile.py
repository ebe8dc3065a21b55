"""What a profile of PyTorch says of calls that are not alike."""

import time

import pytest

pytest.importorskip("torch")

import torch

from embbench.engines.torch.device import profiled

SMALL, LARGE = torch.ones(8, 8), torch.ones(1024, 1024)


class Calls:
    """One product in each call, and two of its names; `large` is the call whose product is the large one."""

    def __init__(self, large: int) -> None:
        self.count, self.large, self.seconds = 0, large, 0.0

    def __call__(self) -> None:
        begun = time.perf_counter()
        numbers = LARGE if self.count == self.large else SMALL
        torch.mm(numbers, numbers)
        torch.mm(SMALL, SMALL)
        if numbers is LARGE:
            self.seconds = time.perf_counter() - begun
        self.count += 1


NAMES = {"product": ("aten::mm",), "other": ("aten::bmm",)}


@pytest.mark.parametrize("large", [0, 1, 2])
def test_one_call_that_took_long_is_not_what_a_call_takes(large):
    profiled(Calls(0), 1, NAMES)  # starting a profiler and MKL's threads
    calls = Calls(large)
    found = profiled(calls, 3, NAMES)
    assert found.keys() == {"product"}
    assert calls.count == 3
    assert 0 < found["product"] < calls.seconds / 5


def test_all_events_of_a_call_are_its():
    profiled(Calls(0), 1, NAMES)
    calls = Calls(0)
    found = profiled(calls, 1, NAMES)["product"]
    assert calls.seconds / 5 < found <= calls.seconds
