"""Asks a worker what a step of a user's own model does with its tables."""

import os
import sys
import tempfile
from pathlib import Path

import msgspec

from embbench import wire
from embbench.cases.found_model import FoundModel, Refused
from embbench.engines.model_file import ModelFile
from embbench.errors import EXIT_BROKE, EmbbenchError, UsageError
from embbench.launch.ask_program import ask
from embbench.launch.inventory import PythonEnvironment
from embbench.launch.process import environment as variables_of

LONGEST = 300.0  # seconds of loading, building and a few steps


class ModelBroke(EmbbenchError):
    """The user's code raised an exception, died or took too long."""

    exit_code = EXIT_BROKE


def look_at_model(
    model: ModelFile,
    vocab: int | None,
    threads: int,
    device: str,
    environment: PythonEnvironment | None = None,
    seconds: float = LONGEST,
) -> FoundModel:
    """vocab: for the function's parameter; None for its default. environment: that runs the model, if not this
    process's own. seconds: allowed for loading, building and a few steps. Raises UsageError for a model that embbench
    cannot step, ModelBroke.
    """
    shown = os.path.relpath(model.path) if Path(model.path).is_relative_to(Path.cwd()) else model.path
    python = sys.executable if environment is None else environment.path
    command = [python, "-P", "-m", "embbench.worker.own_model", model.reference]
    command += [] if vocab is None else [str(vocab)]
    with tempfile.TemporaryDirectory(prefix="embbench-") as temporary:
        try:
            done = ask(command, seconds, variables_of(threads, device, temporary))
        except TimeoutError:
            raise ModelBroke(
                f"model {shown}: {model.function} and a few steps took more than {seconds:.0f} s: "
                "give it a smaller model"
            ) from None
    try:
        answer = wire.decode(done.answer, msgspec.json.Decoder(FoundModel | Refused))
    except msgspec.DecodeError:
        raise ModelBroke(f"model {shown}: the process ended early: {done.last_words}") from None
    if isinstance(answer, FoundModel):
        return answer
    if answer.broke:
        raise ModelBroke(f"model {shown}: {model.function} or its step raised {answer.reason}")
    raise UsageError(f"model {shown}: {answer.reason}")
