"""Looks at a user's own model: `python -m embbench.worker.own_model REFERENCE [VOCAB]`. Prints a FoundModel or a
Refused, a line of JSON.
"""

import sys
from pathlib import Path

from embbench import wire
from embbench.cases.found_model import FoundModel, Refused
from embbench.engines.model_file import read_model
from embbench.engines.own_models import Builder, engine_of
from embbench.engines.user_file import raised
from embbench.errors import EmbbenchError, shortened
from embbench.worker.replies import private_stdout

LONGEST = 500  # characters of an exception's message


def main() -> None:
    reference, *vocab = sys.argv[1:]
    replies = private_stdout()
    replies.write(wire.encode(_answer(reference, int(vocab[0]) if vocab else None)) + b"\n")
    replies.flush()


def _answer(reference: str, vocab: int | None) -> FoundModel | Refused:
    try:
        builder = Builder(read_model(reference))
        return engine_of(builder).look_at(builder, vocab)
    except EmbbenchError as error:
        return Refused(str(error), broke=False)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the outermost frame: the user's code may raise anything
        folder = Path(reference.rpartition(":")[0]).parent
        return Refused(shortened(raised(error, folder), LONGEST), broke=True)


if __name__ == "__main__":
    main()
