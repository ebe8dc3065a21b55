"""Loads the machine's saved ceilings, or has the ceilings measured."""

import sys
import tempfile

import msgspec

from embbench import wire
from embbench.errors import NothingMeasured
from embbench.launch.ask_program import ask
from embbench.launch.process import environment
from embbench.store.ceilings import Ceilings, Find, load_ceilings, save_ceilings
from embbench.store.outside import admit

COMMAND = (sys.executable, "-P", "-m", "embbench.worker.ceilings")  # -P: see `attempt.WORKER`
LONGEST = 300.0  # seconds; measuring takes about 20


def ceilings_of(find: Find, anew: bool = False) -> Ceilings:
    """The saved ceilings, or ceilings that are measured and saved now. find: must name this machine. anew: measure even
    if there are saved ceilings. Raises NothingMeasured, FileError.
    """
    known = None if anew else load_ceilings(find)
    if known is not None:
        return known
    measured = measure_ceilings(find.device, find.threads)
    save_ceilings(measured, find)
    return measured


def measure_ceilings(device: str, threads: int) -> Ceilings:
    """Measures in a worker. Raises NothingMeasured with the worker's last words."""
    with tempfile.TemporaryDirectory(prefix="embbench-") as place:
        try:
            done = ask([*COMMAND, device, str(threads)], LONGEST, environment(threads, device, place))
        except TimeoutError:
            raise NothingMeasured(f"ceilings of {device}: no answer within {LONGEST:.0f} s") from None
    try:
        return admit(wire.decode(done.answer, msgspec.json.Decoder(Ceilings)))
    except msgspec.DecodeError:
        last_words = done.last_words.removeprefix("embbench: ")
        raise NothingMeasured(f"ceilings of {device}: {last_words}") from None
