"""Facts about packages of frameworks: the entries of contenders/packages.toml."""

import msgspec


class Beware(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Versions of a package with a known fault. versions: as in a requirement, '>=0.10.2,<=0.11.0'. text: the fault and
    its source. devices: affected devices; () for all. beside: package -> its installed versions, for a fault that only
    they together have.
    """

    versions: str
    text: str
    devices: tuple[str, ...] = ()
    beside: dict[str, str] = {}


class CudaPackages(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a package gets to a GPU: see contenders/packages.toml."""

    extra: str
    cpu_version: str = ""
    cpu: tuple[str, ...] = ()
    any: tuple[str, ...] = ()


class Package(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Facts about a package for all its contenders: an entry of contenders/packages.toml. install: the command that
    installs it; '' for the usual one. cuda: None for a package that is the same with CUDA.
    """

    environment: dict[str, str] = {}
    install: str = ""
    cuda: CudaPackages | None = None
    beware: tuple[Beware, ...] = ()
