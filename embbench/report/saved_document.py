"""What a command saved into a results file -> a Document."""

from pathlib import Path

from embbench.plain import one_line
from embbench.report.document import Document, Sentences


def import_document(path: Path, added: int, known: int) -> Document:
    """added: rounds that the results file got. known: rounds that it had already."""
    text = f"{one_line(str(path))}: {added} rounds added" + (f", {known} already there" if known else "")
    return Document(blocks=(Sentences((text,)),), data={"file": one_line(str(path)), "added": added, "known": known})


def baseline_document(path: Path, rounds: int) -> Document:
    """The baseline and the number of its rounds."""
    text = f"{one_line(str(path))}: {rounds} rounds; commit this file"
    return Document(blocks=(Sentences((text,)),), data={"file": one_line(str(path)), "rounds": rounds})
