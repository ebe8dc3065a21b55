"""The kit of a device, by which its ceilings are measured."""

from embbench.contenders._ceilings import Kit


def make_kit(device: str, threads: int, huge: bool = False) -> Kit:
    """huge: a CPU's memory is asked for in huge pages, as a table is that lies in them. Raises Unsupported where the
    device cannot be used here.
    """
    if device == "cpu":
        from embbench.contenders._numpy_ceilings import NumpyKit

        return NumpyKit(threads, huge)
    from embbench.contenders._torch_ceilings import TorchKit

    return TorchKit(device)
