"""The kit that measures the ceilings of a device."""

from embbench.engines.ceilings import Kit

NEEDS = {"cpu": "numpy", "cuda": "torch"}  # device -> the package with which its kit measures


def make_kit(device: str, threads: int, huge: bool = False) -> Kit:
    """huge: whether a CPU's memory is requested in huge pages, as for a table in huge pages. Raises Unsupported where
    the device cannot be used.
    """
    if device == "cpu":
        from embbench.engines.numpy.ceilings import NumpyKit

        return NumpyKit(threads, huge)
    from embbench.engines.torch.ceilings import TorchKit

    return TorchKit(device)
