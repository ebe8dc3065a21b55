"""Peaks of device memory from each framework's allocator. The allocators are made up, and the engines' code is real.

Loads the frameworks: `test_frameworks_loaded.py` runs this file in a process of its own.
"""

from types import SimpleNamespace

import pytest

from embbench.cases.case import make_case

ON_DEVICE = make_case({"device": "cuda"})


class Allocator:
    """Knows its bytes now, and their peak since the last reset."""

    def __init__(self, resets: bool = True) -> None:
        self.now = self.peak = 0
        self.resets = resets

    def take(self, size: int) -> None:
        self.now += size
        self.peak = max(self.peak, self.now)

    def reset(self) -> None:
        assert self.resets
        self.peak = self.now


@pytest.fixture
def torch_peak(monkeypatch):
    torch = pytest.importorskip("torch")
    from embbench.engines.torch.device import memory

    allocator = Allocator()
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: allocator.peak)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", allocator.reset)
    return allocator, lambda: memory(torch.device("cuda")), memory(torch.device("cpu"))


@pytest.fixture
def tensorflow_peak(monkeypatch):
    tf = pytest.importorskip("tensorflow")
    from embbench.engines.tensorflow.device import memory

    allocator = Allocator()
    told = {"GPU:0": lambda: {"current": allocator.now, "peak": allocator.peak}}
    monkeypatch.setattr(tf.config.experimental, "get_memory_info", lambda name: told[name]())
    monkeypatch.setattr(tf.config.experimental, "reset_memory_stats", lambda name: told[name]() and allocator.reset())
    return allocator, lambda: memory(ON_DEVICE), memory(make_case({}))


@pytest.mark.parametrize("engine", ["torch_peak", "tensorflow_peak"])
def test_a_peak_is_that_since_the_last_call_and_has_what_is_still_held(request, engine):
    allocator, peak, on_cpu = request.getfixturevalue(engine)
    allocator.take(300)  # building: 200 are freed again
    allocator.take(-200)
    assert peak() == {"device_peak": 300}
    allocator.take(50)  # stepping, below the peak of building
    allocator.take(-50)
    assert peak() == {"device_peak": 150}
    assert peak() == {"device_peak": 100}
    assert on_cpu == {}


def test_the_peak_of_a_graph_has_the_memory_that_only_its_steps_use(torch_peak, monkeypatch):
    """70 of the graph's 100 are free for the allocator, and so are 50 that any program may use."""
    import torch

    from embbench.engines.torch.graphed import GraphedTrial

    pools = [((0, 0), 50, 0), ((0, 3), 60, 30), ([0, 3], 40, 0), ((0, 4), 80, 10)]
    told = [{"segment_pool_id": pool, "total_size": size, "allocated_size": used} for pool, size, used in pools]
    monkeypatch.setattr(torch.cuda, "memory_snapshot", lambda: told)
    allocator, _, _ = torch_peak
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda: allocator.now)
    trial = object.__new__(GraphedTrial)
    trial.device, trial.graph = torch.device("cuda"), SimpleNamespace(pool=lambda: (0, 3))
    allocator.take(300)  # building, and steps that are recorded
    allocator.take(-100)
    assert trial.memory() == {"device_peak": 300}
    assert trial.memory() == {"device_peak": 270}


def jax_device(platform: str, allocator: Allocator | None, name: str = "peak_bytes_in_use") -> SimpleNamespace:
    stats = lambda: None if allocator is None else {"bytes_in_use": allocator.now, name: allocator.peak}  # noqa: E731
    return SimpleNamespace(platform=platform, memory_stats=stats)


def test_of_a_peak_that_cannot_be_reset_only_growth_counts():
    pytest.importorskip("jax")
    from embbench.engines.jax.device import Peak

    allocator = Allocator(resets=False)
    peak = Peak(jax_device("gpu", allocator))
    allocator.take(300)
    allocator.take(-200)
    assert peak.since_last() == {"device_peak": 300}
    allocator.take(150)  # a peak of 250 since: nobody can tell
    assert peak.since_last() == {}
    allocator.take(100)
    assert peak.since_last() == {"device_peak": 350}


@pytest.mark.parametrize(
    "device",
    [
        jax_device("gpu", None),  # as JAX answers without statistics
        jax_device("gpu", Allocator(), "largest_alloc_size"),  # an allocator that counts other things
        jax_device("cpu", Allocator()),
    ],
)
def test_an_allocator_that_does_not_count_has_no_peak(device):
    pytest.importorskip("jax")
    from embbench.engines.jax.device import Peak

    assert Peak(device).since_last() == {}


def test_the_real_device_of_this_machine_answers():
    jax = pytest.importorskip("jax")
    from embbench.engines.jax.device import Peak

    device = jax.devices("cpu")[0]
    assert device.memory_stats() is None or isinstance(device.memory_stats(), dict)
    assert Peak(device).since_last() == {}


def test_the_fences_wait_for_the_device(monkeypatch):
    """PyTorch's waits on a GPU alone, TensorFlow's on any device."""
    torch, tf = pytest.importorskip("torch"), pytest.importorskip("tensorflow")
    from embbench.engines.tensorflow import device as of_tensorflow
    from embbench.engines.torch import device as of_torch

    waits = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: waits.append("torch"))
    monkeypatch.setattr(tf.test.experimental, "sync_devices", lambda: waits.append("tensorflow"))
    of_torch.sync(torch.device("cpu"))
    assert waits == []
    of_torch.sync(torch.device("cuda"))
    of_tensorflow.sync()
    assert waits == ["torch", "tensorflow"]


@pytest.mark.parametrize("engine", ["torch", "jax", "tensorflow"])
def test_without_a_gpu_a_case_on_it_is_unsupported(engine):
    from importlib import import_module

    from embbench.cases.contender import Unsupported

    framework = pytest.importorskip(engine)
    gpus = {
        "torch": lambda: framework.cuda.is_available(),
        "jax": lambda: any(each.platform == "gpu" for each in framework.devices()),
        "tensorflow": lambda: framework.config.list_physical_devices("GPU"),
    }
    if gpus[engine]():
        pytest.skip("this machine has a GPU")
    with pytest.raises(Unsupported, match="no CUDA device"):
        import_module(f"embbench.engines.{engine}.device").set_up(ON_DEVICE)
