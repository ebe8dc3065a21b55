"""What the environment of this process has installed for a contender."""

from embbench.cases.case import DEVICES
from embbench.cases.installed import Installed
from embbench.contenders import Contender, beware, missing_packages, packages, software
from embbench.contenders._cuda import cuda_lack

SOME = 1  # devices: packages are judged as on a machine with a GPU, and whoever asks knows whether this is one


def installed_here(contender: Contender) -> Installed:
    """Reads metadata only; nothing is imported."""
    return Installed(
        path=contender.path,
        software=software(contender),
        missing=missing_packages(contender),
        packages=packages(contender),
        cuda=cuda_lack(contender.declaration, SOME),
        beware={device: tuple(beware(contender, device)) for device in DEVICES},
    )
