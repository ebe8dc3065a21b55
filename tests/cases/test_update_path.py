"""Counts of a path by device and by ranks."""

import pytest

from embbench.cases.update_path import OnGpu, Path, copies_in

WAY = Path(semantic="dense", copies=4, alone=6, gathered=1, passes=25, on_gpu=OnGpu(alone=5, gathered=2))


@pytest.mark.parametrize(
    ("device", "ranks", "copies", "gathered"),
    [("cpu", 1, 6, 1), ("cpu", 2, 4, 1), ("cuda", 1, 5, 2), ("cuda", 4, 4, 2)],
)
def test_copies_differ_by_device_and_in_a_single_rank(device, ranks, copies, gathered):
    there = WAY.on(device)
    assert (copies_in(ranks, there), there.gathered, there.passes) == (copies, gathered, 25)


def test_without_other_counts_all_are_the_same():
    path = Path(semantic="exact", copies=3)
    assert path.on("cuda") == path.on("cpu") == path
    assert copies_in(1, path) == copies_in(8, path) == 3
