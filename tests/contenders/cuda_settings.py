"""What engines set and tell for a case on a GPU, as far as they do so without a GPU.

Loads the frameworks: `test_frameworks_loaded.py` runs this file in a process of its own.
"""

import pytest

from embbench.cases.case import make_case
from embbench.cases.contender import Unsupported

ON_DEVICE = make_case({"device": "cuda", "threads": 1})


def test_pytorch_multiplies_in_float32_and_says_so(monkeypatch):
    torch = pytest.importorskip("torch")
    from embbench.engines.torch.device import set_up, settings

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA H200")
    before = torch.backends.cudnn.allow_tf32
    try:
        torch.backends.cudnn.allow_tf32 = True
        set_up(ON_DEVICE)
        told = settings(torch.device("cuda"))
    finally:
        torch.backends.cudnn.allow_tf32 = before
    assert (told["device"], told["cudnn tf32"]) == ("NVIDIA H200", "off")
    assert "cudnn tf32" not in settings(torch.device("cpu"))


@pytest.mark.parametrize(
    ("version", "device", "there"),
    [("2.11.0+cu130", "cuda", False), ("2.9.1", "cuda", False), ("2.11.0", "cpu", True), ("2.12.0", "cuda", True)],
)
def test_pytorch_has_a_fused_adagrad_for_a_gpu_since_2_12(monkeypatch, version, device, there):
    torch = pytest.importorskip("torch")
    from embbench.engines.torch.tables import make_optimizer

    monkeypatch.setattr(torch, "__version__", version)
    case = make_case({"device": device, "optimizer": "adagrad", "update": "fused"})
    weights = [torch.nn.Parameter(torch.ones(3))]
    if there:
        assert make_optimizer(case, weights, fused=True).defaults["fused"] is True
    else:
        with pytest.raises(Unsupported, match="no fused Adagrad for CUDA"):
            make_optimizer(case, weights, fused=True)
    assert make_optimizer(case, weights).defaults["fused"] is None


@pytest.mark.filterwarnings("ignore:CUDA is not available")
def test_a_profile_of_a_gpu_has_the_seconds_of_kernels_and_not_of_the_host(monkeypatch):
    """Without a GPU there are no kernels."""
    torch = pytest.importorskip("torch")
    from embbench.engines.torch.device import profiled

    waits = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: waits.append(1))
    ones = torch.ones(64, 64)
    names = {"product": ("aten::mm",)}
    assert profiled(lambda: torch.mm(ones, ones), 2, names, "cuda") == {"product": 0.0}
    assert waits == [1]
    assert profiled(lambda: torch.mm(ones, ones), 2, names)["product"] > 0


def test_jax_multiplies_in_float32_and_takes_the_gpus_own_device(monkeypatch):
    jax = pytest.importorskip("jax")
    from embbench.engines.jax.device import set_up, settings

    device, asked = jax.devices("cpu")[0], []

    def local_devices(backend):
        asked.append(backend)
        return [device]

    monkeypatch.setattr(jax, "local_devices", local_devices)
    before = {name: getattr(jax.config, name) for name in ("jax_default_matmul_precision", "jax_default_device")}
    try:
        assert set_up(ON_DEVICE) is device
        assert asked == ["cuda"]
        assert settings(device)["float32 matmul"] == "highest"
    finally:
        for name, value in before.items():
            jax.config.update(name, value)


def test_tensorflow_multiplies_in_float32(monkeypatch):
    tf = pytest.importorskip("tensorflow")
    from embbench.engines.tensorflow.device import set_up, settings

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    pools = tf.config.threading
    for name in ("get_intra_op_parallelism_threads", "get_inter_op_parallelism_threads"):
        monkeypatch.setattr(pools, name, lambda: ON_DEVICE.threads)
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    try:
        tf.config.experimental.enable_tensor_float_32_execution(True)
        set_up(ON_DEVICE)
        assert settings()["tf32"] == "off"
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(before)


def test_cudnn_between_layers_is_refused():
    pytest.importorskip("torch")
    from embbench.engines.torch.workloads import dropout

    case = make_case({"device": "cuda", "workload": "dropout", "dropout": "between_layers", "layers": 2})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dropout, "set_up_device", lambda case: None)
        with pytest.raises(Unsupported, match="cuDNN draws the masks"):
            dropout.prepare(case, {})


@pytest.mark.parametrize(("local", "gpus", "chosen"), [("0", 2, 0), ("1", 2, 1), ("3", 2, 1)])
def test_each_rank_takes_the_gpu_of_its_place_on_the_machine(monkeypatch, local, gpus, chosen):
    torch = pytest.importorskip("torch")
    from embbench.engines.torch.ranks import group

    taken = []
    monkeypatch.setenv("LOCAL_RANK", local)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(torch.cuda, "set_device", taken.append)
    monkeypatch.setattr(group.dist, "is_initialized", lambda: True)
    group.join(make_case({"device": "cuda", "ranks": 2}))
    assert taken == [chosen]
