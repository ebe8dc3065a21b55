"""Why a contender cannot use a GPU here, by the metadata of its packages, and the commands that change it."""

import shlex
from collections.abc import Sequence

from embbench.cases.contender import Declaration
from embbench.cases.package import CudaPackages
from embbench.contenders import read_packages
from embbench.host.packages import installed, requirements_of

NO_DEVICE = "no NVIDIA GPU with a driver is visible"
NO_WAY = "this contender has no way to a GPU"


def cuda_lack(declaration: Declaration, devices: int) -> tuple[str, str]:
    """(why the contender cannot use a GPU, shell commands that change it); ('', '') where it can. devices: visible
    GPUs. The commands are '' where no package is lacking.
    """
    if "cuda" not in declaration.devices:
        return NO_WAY, ""
    lacks = [lack for need in declaration.packages if (lack := _lack_of(need))]
    commands = list(dict.fromkeys(command for _, command in lacks))
    found = "; ".join(reason for reason, _ in lacks), " && ".join(commands)
    return found if devices else without_device(*found)


def without_device(reason: str, commands: str) -> tuple[str, str]:
    """What `cuda_lack` says without a device, from what it says with a device."""
    return reason if reason == NO_WAY else "; ".join(filter(None, (NO_DEVICE, reason))), commands


def _lack_of(need: str) -> tuple[str, str] | None:
    """(reason, command) of a need, such as 'one-cpu|one'; None where it can use a GPU."""
    known = read_packages()
    name = next((name for name in need.split("|") if name in known and known[name].cuda is not None), "")
    cuda = known[name].cuda if name else None
    if cuda is None:
        return None
    wrong = _wrong_build(name, cuda)
    beside = not cuda.any or any(installed(each)[1] for each in cuda.any)
    if not wrong and installed(name)[1] and beside:
        return None
    reason = " and ".join(f"{each} {installed(each)[1]} has no CUDA" for each in wrong)
    reason = reason or f"{name if not installed(name)[1] else ' or '.join(cuda.any)} is not installed"
    away = [f"pip uninstall -y {shlex.join(wrong)}"] if wrong else []
    wanted = requirements_of(cuda.extra) or (f"embbench[{cuda.extra}]",)
    return reason, " && ".join([*away, f"pip install {shlex.join(wanted)}"])


def _wrong_build(name: str, cuda: CudaPackages) -> Sequence[str]:
    """The installed distributions that have no CUDA."""
    version = installed(name)[1]
    own = [name] if cuda.cpu_version and version and version.endswith(cuda.cpu_version) else []
    return [*own, *(each for each in cuda.cpu if installed(each)[1])]
