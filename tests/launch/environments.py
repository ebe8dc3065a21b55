"""Virtual environments made without a network: what embbench needs is linked, and made-up packages are written."""

import functools
import os
import sys
import venv
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]

# The oracle, in an environment that has the package PACKAGE. It tells where it ran.
CONTENDER = """
import sys
import {module}
from embbench.engines.numpy.trial import NumpyTrial

DECLARES = {{
    "summary": "needs {package}",
    "packages": ["{package}"],
    "tables": ["trainable"],
    "engine": "numpy/oracle",
    "updates": ["default"],
    "spread": "whole",
}}


class Trial(NumpyTrial):
    def describe(self):
        return {{"prefix": sys.prefix, "{package}": {module}.VERSION}}


def prepare(case, tokens):
    return Trial(case, tokens)
"""


def make_environment(place: Path, embbench: bool = True, **packages: str) -> Path:
    """The interpreter of a new environment with the dependencies of embbench, and embbench itself unless told
    otherwise. packages: module of a made-up distribution -> its version.
    """
    venv.EnvBuilder(symlinks=True).create(place)
    site = site_of(place)
    for path in needed():
        (site / path.name).symlink_to(path)
    if embbench:
        (site / "checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    for module, version in packages.items():
        install(place, module, version)
    return place / "bin" / "python"


def install(place: Path, module: str, version: str) -> None:
    """Writes a made-up distribution of a single module, in place of an earlier version."""
    for former in site_of(place).glob(f"{module}-*.dist-info"):
        (former / "METADATA").unlink()
        former.rmdir()
    told = site_of(place) / f"{module}-{version}.dist-info"
    told.mkdir()
    told.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: {version}\n", "utf-8")
    site_of(place).joinpath(f"{module}.py").write_text(f"VERSION = {version!r}\n", encoding="utf-8")


def write_contender(folder: Path, package: str) -> str:
    """The path of a contender, named after the package that it needs."""
    path = folder / f"{package.replace('-', '_')}_contender.py"
    path.write_text(CONTENDER.format(package=package, module=package.replace("-", "_")), encoding="utf-8")
    return str(path)


def site_of(place: Path) -> Path:
    """The folder of an environment's packages."""
    return place / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"


@functools.cache
def needed() -> list[Path]:
    """Files and folders of the distributions that embbench needs, and the metadata of embbench itself."""
    found: dict[str, metadata.Distribution] = {}
    names = ["embbench"]
    while names:
        name = names.pop()
        if name in found:
            continue
        found[name] = metadata.distribution(name)
        needs = [Requirement(each) for each in found[name].requires or ()]
        names += [each.name for each in needs if each.marker is None or each.marker.evaluate({"extra": ""})]
    own = found.pop("embbench")
    tops = {path for each in found.values() for path in _tops(each)}
    return sorted(tops | {path for path in _tops(own) if path.suffix == ".dist-info"})


def _tops(distribution: metadata.Distribution) -> set[Path]:
    names = {path.parts[0] for path in distribution.files or ()} - {os.pardir, "__pycache__"}
    return {Path(str(distribution.locate_file(name))) for name in names}
