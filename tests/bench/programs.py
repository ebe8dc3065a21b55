"""The programs that decisions are tried on, and the disturbance."""

import time
from pathlib import Path

from embbench.ab.sides import Party, local_party
from embbench.cases.case import make_case
from embbench.contenders import discover, read
from embbench.launch.attempt import WORKER
from tests.readme import EXAMPLE

PERIOD = 0.2  # seconds: busy for half of it
SMALL = {"vocab": 20_000, "dim": 16, "hidden": 8, "batch": 8, "seq": 8}
PROGRAMS = {
    "example": {"contender": "mine", "vocab": 20_000, "optimizer": "sgd"},
    "pytorch": {"contender": "pytorch", "vocab": 20_000},
    "sparse": {"contender": "pytorch", "vocab": 200_000, "update": "sparse"},
    "tf_function": {"contender": "tf_function", "vocab": 20_000},
    "keras_jax": {"contender": "keras_jax", "vocab": 20_000},
    "numpy": {"contender": "numpy", "vocab": 20_000},
    "small": {"contender": "numpy", **SMALL},
}
BUDGETS = {"tf_function": 180.0, "keras_jax": 180.0}  # seconds per comparison; 60 for other programs


def party(program: str, directory: Path) -> Party:
    """The side of a program, on two threads. directory: folder for README's contender."""
    case = make_case({"threads": 2, **PROGRAMS[program]})
    if case.contender != "mine":
        return local_party(case, discover()[case.contender], WORKER, None)
    path = directory / "mine.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(EXAMPLE, encoding="utf-8")
    return local_party(case, read(path), WORKER, None)


def be_busy() -> None:
    """Keeps one core busy half of the time."""
    while True:
        until = time.monotonic() + PERIOD / 2
        while time.monotonic() < until:
            pass
        time.sleep(PERIOD / 2)
