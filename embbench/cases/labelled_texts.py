"""Labelled texts of a file: a label, a tab and a text per line. Blank lines are left out."""

from array import array
from collections.abc import Callable, Iterable, Iterator

from embbench.cases.text_words import NEWLINES
from embbench.cases.workload import CLASSES
from embbench.errors import quoted

LEAST_TEXTS = 10  # of a label: some of them train, and some are held out
_SPACES = str.maketrans(dict.fromkeys("".join(NEWLINES), " "))


class Labels:
    """The labels of a file, while its texts are read. names: the labels, in the order of their first line. numbers:
    number of the label of each line.
    """

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.numbers = array("b")

    def read(self, pieces: Iterable[str], refused: Callable[[str], Exception]) -> Iterator[str]:
        """The texts without their labels, a text per line, in pieces. Raises what `refused` makes of a reason: a line
        without a tab or without a label, more labels than the network has classes, or a label with few texts.
        """
        rest, number = "", 0
        for piece in pieces:
            *lines, rest = (rest + piece).split("\n")
            yield "".join(self._texts(lines, number, refused))
            number += len(lines)
        yield "".join(self._texts([rest], number, refused))
        for name, at in self.names.items():
            if (found := self.numbers.count(at)) < LEAST_TEXTS:
                raise refused(
                    f"the label {quoted(name)} has {found} text{'s' * (found > 1)} of the {LEAST_TEXTS} that a label "
                    "needs; if it is a heading, remove its line"
                )

    def _texts(self, lines: Iterable[str], number: int, refused: Callable[[str], Exception]) -> Iterator[str]:
        for at, line in enumerate(lines, number + 1):
            if not line.strip():
                continue
            label, tab, text = line.partition("\t")
            label = label.strip()
            if not tab or not label:
                raise refused(f"line {at} is no label, tab and text: {quoted(line[:40])}")
            if label not in self.names and len(self.names) == CLASSES:
                raise refused(
                    f"line {at}: {quoted(label[:40])} is the label number {CLASSES + 1}, and the network has {CLASSES} "
                    "classes; a line is a label, a tab and a text"
                )
            self.numbers.append(self.names.setdefault(label, len(self.names)))
            yield text.translate(_SPACES) + "\n"
