"""The software that a Round was measured with, as far as it tells it from other Rounds of the same contender."""

from collections.abc import Iterable

from embbench.store.round import Round

Software = tuple[tuple[str, str], ...]


class Versions:
    """Among `rounds`. What a Round has loaded besides the packages that its contender declares is named only where
    Rounds of the contender contradict each other in it: one of a frozen table may never have needed a module that
    another has loaded, and both are of the same software.
    """

    def __init__(self, rounds: Iterable[Round]) -> None:
        told: dict[tuple[str, str], set[str]] = {}
        for line in rounds:
            for name, version in line.loaded.told().items():
                told.setdefault((line.case.contender, name), set()).add(version)
        self._contradicted = {place for place, versions in told.items() if len(versions) > 1}

    def of(self, line: Round) -> Software:
        """(name, version or digest), in order of names."""
        named = {
            name: version
            for name, version in line.loaded.told().items()
            if (line.case.contender, name) in self._contradicted
        }
        return tuple(sorted({**named, **line.software}.items()))
