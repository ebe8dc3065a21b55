"""The CUDA kit, on the CPU: the same programs on another device."""

import pytest

torch = pytest.importorskip("torch")

from embbench.cases.contender import Unsupported  # noqa: E402
from embbench.engines.ceiling_kits import make_kit  # noqa: E402
from embbench.engines.torch.ceilings import TorchKit  # noqa: E402


def test_every_program_runs():
    kit = TorchKit("cpu")
    assert kit.free() > 0
    found = {**kit.streams(1 << 16), **kit.rows(1 << 16, 64, 32), **kit.products(16), **kit.touches(1 << 16)}
    assert set(found) == {"read", "write", "copy", "update", "gather", "scatter", "product"}
    for program in found.values():
        program.run(2)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_without_a_device_it_says_so():
    with pytest.raises(Unsupported, match="no CUDA device"):
        make_kit("cuda", 2)
