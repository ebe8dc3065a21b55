"""Other Python environments: what they can measure, and how to start their workers."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import msgspec

from embbench import wire
from embbench.cases.installed import Installed
from embbench.errors import UsageError
from embbench.host.own_source import pip_arguments
from embbench.launch.ask_program import Asked, ask
from embbench.store.exchange import VERSION, Inventory
from embbench.store.outside import admit

LONGEST_ANSWER = 60.0  # seconds; the answer needs no framework
OWN = "embbench: "  # before an error of embbench itself


class PythonEnvironment(msgspec.Struct, frozen=True):
    """An environment of another Python on this machine. python: its interpreter, as the user names it. path: of the
    interpreter, for a process that may start in another folder.
    """

    python: str
    path: str
    inventory: Inventory

    @property
    def command(self) -> tuple[str, ...]:
        """Starts a worker. -P: see `attempt.WORKER`."""
        return (self.path, "-P", "-m", "embbench.worker")

    def of(self, contender: str) -> Installed | None:
        """What the environment has for a contender; None if it does not know the contender."""
        return self.inventory.contenders.get(contender)


def take_inventory(python: str, files: Sequence[str], flag: str, path: str = "") -> PythonEnvironment:
    """The environment of the interpreter `python`, with what it can measure, including the contender `files`. path: of
    the interpreter, if not `python`. Raises UsageError starting with `flag` if there is no such program, or no embbench
    in the environment that can take turns.
    """
    path = path or python
    command = [path, "-P", "-m", "embbench.worker.inventory", *(str(Path(file).resolve()) for file in files)]
    try:
        done = ask(command, LONGEST_ANSWER)
    except TimeoutError:
        raise UsageError(f"{flag}: {python} did not answer within {LONGEST_ANSWER:.0f} s") from None
    except OSError as error:
        raise UsageError(f"{flag}: {python}: {error.strerror}; {_which(python, path)}") from None
    if done.code:
        raise UsageError(f"{flag}: {_why_not(python, done)}")
    try:
        found = admit(wire.decode(done.answer, msgspec.json.Decoder(Inventory)))
    except msgspec.DecodeError:
        raise UsageError(f"{flag}: {python} is not a Python with embbench") from None
    if found.exchange != VERSION:
        raise UsageError(
            f"{flag}: the embbench of {python} has exchange version {found.exchange}, this embbench {VERSION}: "
            f"install the same embbench in both environments: {install_same(python)}"
        )
    return PythonEnvironment(python, path, found)


def install_same(python: str) -> str:
    """The shell command that installs this embbench in the environment of `python`."""
    return shlex.join([python, "-m", "pip", "install", *pip_arguments()])


def with_python(commands: str, python: str) -> str:
    """Shell commands of pip, such as 'pip install one && pip install other', for the environment of `python`; unchanged
    for ''.
    """
    if not python:
        return commands
    pip = shlex.join([python, "-m", "pip"])
    return " && ".join(
        f"{pip} {each.removeprefix('pip ')}" if each.startswith("pip ") else each for each in commands.split(" && ")
    )


def _which(python: str, path: str) -> str:
    inside = next((each for each in ("bin/python", "python") if (Path(path) / each).is_file()), None)
    return "name the python of a virtual environment" + (f": {Path(python) / inside}" if inside else "")


def _why_not(python: str, done: Asked) -> str:
    """Why a program gave no answer, and what to do."""
    words = done.last_words
    if words.startswith(OWN):
        return f"{python}: {words.removeprefix(OWN)}"
    if "No module named" in words:
        return f"{python} has no embbench, or an embbench too old to take turns: {install_same(python)}"
    if "unknown option" in done.said.decode("utf-8", "replace").lower():
        return f"{python} is no Python from 3.11 on, which embbench needs; make an environment with a newer Python"
    return f"{python} is not a Python with embbench: {words}"
