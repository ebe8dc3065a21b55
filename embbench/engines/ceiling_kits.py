"""The kit of a device, by which its ceilings are measured."""

from embbench.engines.ceilings import Kit


def make_kit(device: str, threads: int, huge: bool = False) -> Kit:
    """huge: a CPU's memory is asked for in huge pages, as a table is that lies in them. Raises Unsupported where the
    device cannot be used here.
    """
    if device == "cpu":
        from embbench.engines.numpy.ceilings import NumpyKit

        return NumpyKit(threads, huge)
    from embbench.engines.torch.ceilings import TorchKit

    return TorchKit(device)
