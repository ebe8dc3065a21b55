"""Other Python environments: what they can measure, and how their workers are started."""

import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

from embbench import wire
from embbench.errors import UsageError
from embbench.store.exchange import VERSION, Inventory
from embbench.store.outside import admit

LONGEST_ANSWER = 60.0  # seconds; it imports no framework


def worker_command(python: str) -> tuple[str, ...]:
    """Starts a worker of that environment. -P: see `attempt.WORKER`."""
    return (python, "-P", "-m", "embbench.worker")


def take_inventory(python: str, files: Sequence[str], flag: str) -> Inventory:
    """What the environment of the interpreter `python` can measure, contender `files` included. Raises UsageError
    starting with `flag`: no such program, or no embbench in it that can take turns.
    """
    command = [python, "-P", "-m", "embbench.worker.inventory", *(str(Path(file).resolve()) for file in files)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LONGEST_ANSWER, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise UsageError(f"{flag}: {python}: {error.strerror}; name the python of a virtual environment") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"{flag}: {python} did not answer within {LONGEST_ANSWER:.0f} s") from None
    if done.returncode == 0:
        try:
            found = admit(wire.decode(done.stdout, msgspec.json.Decoder(Inventory)))
        except msgspec.DecodeError:
            raise UsageError(f"{flag}: {python} is no Python with embbench") from None
        if found.exchange != VERSION:
            raise UsageError(
                f"{flag}: the embbench of {python} speaks version {found.exchange} of turns, this one {VERSION}: "
                "install the same embbench in both environments"
            )
        return found
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if said and "No module named" in said[-1]:
        how = shlex.join([python, "-m", "pip", "install", "embbench"])
        raise UsageError(f"{flag}: {python} has no embbench, or one too old to take turns: {how}")
    raise UsageError(f"{flag}: {python}: {said[-1] if said else f'ended with {done.returncode}'}")
