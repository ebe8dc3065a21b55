"""The software of a Round, as far as it distinguishes the Round from others of the same contender."""

from collections.abc import Iterable

from embbench.cases.case import Case
from embbench.store.round import Round

Software = tuple[tuple[str, str], ...]
VersionKey = tuple[str, Case, Software, tuple[bool, bool]]


class Versions:
    """Among `rounds`. What a Round has loaded besides the packages that its contender declares is named only where
    Rounds of the contender contradict each other in it: one of a frozen table may never have needed a module that
    another has loaded, and both are of the same software. Rounds of one case, measured alike, need the same modules of
    the user's own: there one without a module that another has loaded contradicts it.
    """

    def __init__(self, rounds: Iterable[Round]) -> None:
        told: dict[tuple[str, str], set[str]] = {}
        alike: dict[VersionKey, list[set[str]]] = {}
        for line in rounds:
            for name, version in line.loaded.told().items():
                told.setdefault((line.case.contender, name), set()).add(version)
            if line.status == "ok":  # another may have ended before it needed them all
                alike.setdefault(_measured_as(line), []).append(_modules(line))
        self._contradicted = {place for place, versions in told.items() if len(versions) > 1}
        for (contender, *_), modules in alike.items():
            missing = set.union(*modules) - set.intersection(*modules)
            self._contradicted |= {(contender, name) for name in missing}

    def of(self, line: Round) -> Software:
        """(name, version or digest), in order of names."""
        named = {
            name: version
            for name, version in line.loaded.told().items()
            if (line.case.contender, name) in self._contradicted
        }
        return tuple(sorted({**named, **line.software}.items()))


def _measured_as(line: Round) -> VersionKey:
    """Equal for Rounds that must need the same modules. What takes a step apart, or steps the table by itself, may need
    more, and may have failed.
    """
    more = line.protocol.phases and "phases" not in line.conditions, "table_time" in line.metrics
    return line.case.contender, line.case, tuple(sorted(line.software.items())), more


def _modules(line: Round) -> set[str]:
    """Without files that were not imported: which shared library is loaded is up to the processor."""
    return {name for name in line.loaded.code if not name.startswith("/")}
