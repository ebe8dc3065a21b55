"""Loads the machine's saved ceilings, or has the ceilings measured."""

import sys
import tempfile

import msgspec

from embbench import wire
from embbench.errors import NothingMeasured
from embbench.launch.ask_program import ask
from embbench.launch.inventory import PythonEnvironment
from embbench.launch.process import environment as variables_of
from embbench.store.ceilings import Ceilings, Find, load_ceilings, save_ceilings
from embbench.store.outside import admit

COMMAND = (sys.executable, "-P", "-m", "embbench.worker.ceilings")  # -P: see `attempt.WORKER`
LONGEST = 300.0  # seconds; measuring takes about 20


def ceilings_of(find: Find, anew: bool = False, environment: PythonEnvironment | None = None) -> Ceilings:
    """The saved ceilings, or ceilings that are measured and saved now. find: must name this machine. anew: measure even
    if there are saved ceilings. environment: that measures, if not this process's own. Raises NothingMeasured,
    FileError.
    """
    known = None if anew else load_ceilings(find)
    if known is not None:
        return known
    measured = measure_ceilings(find.device, find.threads, environment)
    save_ceilings(measured, find)
    return measured


def measure_ceilings(device: str, threads: int, environment: PythonEnvironment | None = None) -> Ceilings:
    """Measures in a worker. environment: see `ceilings_of`. Raises NothingMeasured with the worker's last words."""
    python = COMMAND[0] if environment is None else environment.path
    command = [python, *COMMAND[1:], device, str(threads)]
    with tempfile.TemporaryDirectory(prefix="embbench-") as place:
        try:
            done = ask(command, LONGEST, variables_of(threads, device, place))
        except TimeoutError:
            raise NothingMeasured(f"ceilings of {device}: no answer within {LONGEST:.0f} s") from None
    try:
        return admit(wire.decode(done.answer, msgspec.json.Decoder(Ceilings)))
    except msgspec.DecodeError:
        last_words = done.last_words.removeprefix("embbench: ")
        raise NothingMeasured(f"ceilings of {device}: {last_words}") from None
