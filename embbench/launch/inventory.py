"""Other Python environments: what they can measure, and how to start their workers."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import msgspec

from embbench import wire
from embbench.errors import UsageError
from embbench.launch.ask_program import ask
from embbench.store.exchange import VERSION, Inventory
from embbench.store.outside import admit

LONGEST_ANSWER = 60.0  # seconds; the answer needs no framework


def worker_command(python: str) -> tuple[str, ...]:
    """The command that starts a worker of the environment of `python`. -P: see `attempt.WORKER`."""
    return (python, "-P", "-m", "embbench.worker")


def take_inventory(python: str, files: Sequence[str], flag: str) -> Inventory:
    """What the environment of the interpreter `python` can measure, including the contender `files`. Raises UsageError
    starting with `flag` if there is no such program, or no embbench in the environment that can take turns.
    """
    command = [python, "-P", "-m", "embbench.worker.inventory", *(str(Path(file).resolve()) for file in files)]
    try:
        done = ask(command, LONGEST_ANSWER)
    except TimeoutError:
        raise UsageError(f"{flag}: {python} did not answer within {LONGEST_ANSWER:.0f} s") from None
    except OSError as error:
        raise UsageError(f"{flag}: {python}: {error.strerror}; name the python of a virtual environment") from None
    if done.code == 0:
        try:
            found = admit(wire.decode(done.answer, msgspec.json.Decoder(Inventory)))
        except msgspec.DecodeError:
            raise UsageError(f"{flag}: {python} is not a Python with embbench") from None
        if found.exchange != VERSION:
            raise UsageError(
                f"{flag}: the embbench of {python} has exchange version {found.exchange}, this embbench {VERSION}: "
                "install the same embbench in both environments"
            )
        return found
    if "No module named" in done.last_words:
        how = shlex.join([python, "-m", "pip", "install", "embbench"])
        raise UsageError(f"{flag}: {python} has no embbench, or an embbench too old to take turns: {how}")
    raise UsageError(f"{flag}: {python}: {done.last_words}")
