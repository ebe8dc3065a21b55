"""`--python NAME=PATH,...`: the Python environments that run contenders, for frameworks that do not go into one."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from embbench.contenders import HERE, Contender
from embbench.engines.ceiling_kits import NEEDS
from embbench.errors import UsageError, quoted, unknown
from embbench.host.code import absolute
from embbench.host.packages import code_digest, installed, normal, own_version
from embbench.launch.inventory import PythonEnvironment, install_same, take_inventory

FLAG = "--python"
FORM = "write NAME=PATH,NAME=PATH"
LISTING = "embbench list contenders"


class Pythons(msgspec.Struct, frozen=True):
    """The environments by the names that the user gives them: of contenders, and of packages as in PEP 503."""

    named: Mapping[str, PythonEnvironment] = {}

    def of(self, contender: Contender) -> PythonEnvironment | None:
        """The environment that runs the contender: that of its own name, or else of the first of its packages with a
        name; None for this process's own.
        """
        names = (contender.name, *_packages(contender))
        return next((self.named[name] for name in names if name in self.named), None)

    def for_ceilings(self, device: str) -> PythonEnvironment | None:
        """The environment that measures the ceilings of a device, which takes a package and no contender: that of the
        package's name, or this process's own (None) if it has the package, or else the first that has it.
        """
        package = NEEDS[device]
        if package in self.named or installed(package)[1]:
            return self.named.get(package)
        return next((each for each in self.named.values() if package in (each.inventory.distributions or ())), None)

    def chosen(self, contenders: Mapping[str, Contender]) -> dict[str, PythonEnvironment]:
        """The environments of the contenders that another Python runs. Raises UsageError where the code of a contender
        differs there.
        """
        found = {name: each for name, contender in contenders.items() if (each := self.of(contender)) is not None}
        for name, environment in found.items():
            there = environment.of(name)
            if there is None or there.software.get("contender") != contenders[name].digest:
                raise UsageError(
                    f"{FLAG}: the contender {name} of {environment.python} has other code than here; install the same "
                    f"embbench in both environments: {install_same(environment.python)}"
                )
        return found


def parse_pythons(text: str, contenders: Mapping[str, Contender]) -> dict[str, str]:
    """NAME -> PATH as the user writes it. Raises UsageError for a text of another form, and for a NAME that is neither
    a contender nor a package of a contender.
    """
    packages = {package for each in contenders.values() for package in _packages(each)}
    told: dict[str, str] = {}
    for part in text.split(","):
        given, equals, path = (each.strip() for each in part.partition("="))
        if not (given and equals and path):
            raise UsageError(f"{FLAG}: {quoted(part)} has no NAME or no PATH; {FORM}")
        name = given if given in contenders else normal(given)
        if name not in contenders and name not in packages:
            raise UsageError(f"{FLAG}: {unknown('contender or package', given, {*contenders, *packages}, LISTING)}")
        if name in told:
            raise UsageError(f"{FLAG}: {given} is named twice; give it a single PATH")
        told[name] = path
    return told


def ask_pythons(text: str | None, contenders: Mapping[str, Contender]) -> Pythons:
    """Asks each interpreter of the flag once what it has. Raises UsageError for a wrong flag, and for an interpreter
    that cannot do the work of this embbench.
    """
    if not text:
        return Pythons()
    told = parse_pythons(text, contenders)
    files = [each.path for each in contenders.values() if Path(each.path).parent != HERE]
    paths = list(dict.fromkeys(told.values()))
    with ThreadPoolExecutor(len(paths)) as pool:
        found = dict(zip(paths, pool.map(lambda path: _ask(path, files), paths), strict=True))
    return Pythons({name: found[path] for name, path in told.items()})


def place_in(contender: Contender, environment: PythonEnvironment | None) -> Contender:
    """The contender with the file that the environment executes: a built-in one has a copy in each installation."""
    there = None if environment is None else environment.of(contender.name)
    if there is None or Path(contender.path).parent != HERE:
        return contender
    return msgspec.structs.replace(contender, path=there.path)


def _ask(python: str, files: Sequence[str]) -> PythonEnvironment:
    # Links are kept: the python of a virtual environment is a link, and without it the environment is lost.
    found = take_inventory(python, files, FLAG, absolute(os.path.expanduser(python)))  # noqa: PTH111 - see `absolute`
    if found.inventory.code != code_digest():
        raise UsageError(
            f"{FLAG}: {python} has embbench {_exact(found.inventory.version, found.inventory.code)}, this is "
            f"{_exact(own_version(), code_digest())}: install the same embbench in both environments: "
            f"{install_same(python)}"
        )
    return found


def _exact(version: str, code: str) -> str:
    """The version with its digest, which a copied installation leaves out."""
    return version if not code or version.endswith(code) else f"{version} with code {code}"


def _packages(contender: Contender) -> list[str]:
    """The names of the contender's packages, as in PEP 503, in its order."""
    return [normal(name) for need in contender.declaration.packages for name in need.split("|")]
