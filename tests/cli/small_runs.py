"""Command lines that finish at once, a gate at which a worker waits, the file of a run, and the words of an answer."""

import os
import select
from pathlib import Path

LAUNCH = Path(__file__).parents[1] / "launch"
STUB = str(LAUNCH / "stub_worker.py")
PLAIN = str(LAUNCH / "fixtures" / "plain.py")
SMALL = ("--contender", PLAIN, "--table", "trainable", "--update", "default", "--optimizer", "sgd", "--dim", "4")
CASES = (*SMALL, "--vocab", "1000,2000", "--preset", "quick", "--rounds", "2")


class Gate:
    """A named pipe: the stub worker, told of it as a fault, writes its process id into it and waits for ever."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self.fault = f"gate:{path}"

    def wait(self) -> int:
        """Blocks until the worker is there; its process id."""
        end = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        assert select.select([end], [], [], 60)[0], "the worker never came to the gate"
        os.set_blocking(end, True)
        text = os.read(end, 100)
        os.close(end)
        return int(text)


def words_of(told):
    """What a command wrote to stdout, on a single line."""
    assert told.code == 0, told.err
    return " ".join(told.out.split())


def journal(tmp_path: Path) -> Path:
    """The results file of the only run in a directory."""
    (found,) = (tmp_path / "results" / "local").glob("*.jsonl")
    return found
