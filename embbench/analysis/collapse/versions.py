"""The software of a Round, as far as it distinguishes the Round from others of the same contender."""

from collections.abc import Iterable

from embbench.cases.case import Case
from embbench.store.round import Round

Software = tuple[tuple[str, str], ...]
VersionKey = tuple[str, Case, Software, tuple[bool, bool]]


class Versions:
    """The software of Rounds, compared within `rounds`. Modules besides the declared packages are named only where
    Rounds of the contender contradict each other: a Round with a frozen table may not need a module that another Round
    loads, and both have the same software. Rounds of a case that were measured alike need the same modules of the user,
    so a missing module is a contradiction there.
    """

    def __init__(self, rounds: Iterable[Round]) -> None:
        told: dict[tuple[str, str], set[str]] = {}
        alike: dict[VersionKey, list[set[str]]] = {}
        for line in rounds:
            for name, version in line.loaded.told().items():
                told.setdefault((line.case.contender, name), set()).add(version)
            if line.status == "ok":  # other rounds may have ended before they loaded all modules
                alike.setdefault(_measured_as(line), []).append(_modules(line))
        self._contradicted = {place for place, versions in told.items() if len(versions) > 1}
        for (contender, *_), modules in alike.items():
            missing = set.union(*modules) - set.intersection(*modules)
            self._contradicted |= {(contender, name) for name in missing}

    def of(self, line: Round) -> Software:
        """(name, version or digest), sorted by name."""
        named = {
            name: version
            for name, version in line.loaded.told().items()
            if (line.case.contender, name) in self._contradicted
        }
        return tuple(sorted({**named, **line.software}.items()))


def _measured_as(line: Round) -> VersionKey:
    """A key that is equal for Rounds that need the same modules. Measuring the parts of a step, or stepping the table
    alone, may load more modules, and may have failed.
    """
    more = line.protocol.phases and "phases" not in line.conditions, "table_time" in line.metrics
    return line.case.contender, line.case, tuple(sorted(line.software.items())), more


def _modules(line: Round) -> set[str]:
    """The loaded modules, without files that were not imported: the processor decides which shared libraries are
    loaded.
    """
    return {name for name in line.loaded.code if not name.startswith("/")}
