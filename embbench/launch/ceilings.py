"""Has the machine's ceilings measured, or takes those that were."""

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
LONGEST = 300.0  # seconds; it takes some 20


def ceilings_of(find: Find, anew: bool = False) -> Ceilings:
    """The ceilings of this machine, which `find` must name: saved ones, or measured and saved now. anew: measured in
    any case. Raises NothingMeasured, FileError.
    """
    known = None if anew else load_ceilings(find)
    if known is not None:
        return known
    measured = measure_ceilings(find.device, find.threads)
    save_ceilings(measured, find)
    return measured


def measure_ceilings(device: str, threads: int) -> Ceilings:
    """In a worker. Raises NothingMeasured with what it said."""
    with tempfile.TemporaryDirectory(prefix="embbench-") as place:
        try:
            done = ask([*COMMAND, device, str(threads)], LONGEST, environment(threads, device, place))
        except TimeoutError:
            raise NothingMeasured(f"ceilings of {device}: no answer within {LONGEST:.0f} s") from None
    try:
        return admit(wire.decode(done.answer, msgspec.json.Decoder(Ceilings)))
    except msgspec.DecodeError:
        told = done.last_words.removeprefix("embbench: ")
        raise NothingMeasured(f"ceilings of {device}: {told}") from None
