"""Rounds -> Results: a Result has all rounds of a case on a machine with a set of versions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from embbench.analysis.collapse.versions import Software, Versions
from embbench.cases.case import Case
from embbench.plain import one_line
from embbench.store.machine import names_of
from embbench.store.outside import admit
from embbench.store.round import Round

MEASURED = frozenset({"ok", "invalid"})


class Result(msgspec.Struct, frozen=True):
    """machine: its name (see `store.machine`). software: the versions that differ from other results of the contender;
    '' for a single set of versions. rounds: in order of their numbers, measured or not. status: of the case, `invalid`
    if any round is. semantic: the audited class; '' without an audit.
    """

    case: Case
    case_id: str
    machine: str
    software: str
    rounds: tuple[Round, ...]
    status: str
    semantic: str

    @property
    def good(self) -> list[Round]:
        """The ok rounds."""
        return [round_ for round_ in self.rounds if round_.status == "ok"]

    @property
    def audited(self) -> bool:
        """Whether the case's arithmetic was checked and is right, so the case may be compared."""
        return self.status == "ok" and self.semantic != ""

    @property
    def in_one_memory(self) -> bool:
        """Whether the ranks of this case, which has an ok round, are in the memory of one process."""
        declared = self.good[-1].declared
        return declared is not None and declared.in_one_memory


def collapse(rounds: Sequence[Round], twins: bool = False) -> list[Result]:
    """A Result per case, machine and software, in order of first appearance. twins: see `store.machine.names_of`.

    A repeated round counts once: the latest line of the same run, case, round number and versions. A later line
    replaces a line without numbers (interrupted, timeout, ...) of the same round.
    """
    groups: dict[tuple[Case, str], list[Round]] = {}
    rounds = [admit(round_) for round_ in rounds]
    versions = Versions(rounds)
    known: dict[str, dict[Software, None]] = {}
    for round_, machine in zip(rounds, names_of((round_.machine for round_ in rounds), twins), strict=True):
        groups.setdefault((round_.case, machine), []).append(round_)
        if round_.status in MEASURED:
            known.setdefault(round_.case.contender, {})[versions.of(round_)] = None
    parted = [
        (case, machine, software, kept)
        for (case, machine), lines in groups.items()
        for software, kept in _by_software(lines, list(known.get(case.contender, ())), versions).items()
    ]
    names = _software_names((case.contender, software) for case, _, software, _ in parted)
    return [_result(case, machine, names[case.contender, software], kept) for case, machine, software, kept in parted]


def worst(rounds: Sequence[Round]) -> str:
    """The status of a case without ok rounds: the most frequent status, the earlier at a tie."""
    return Counter(round_.status for round_ in rounds).most_common(1)[0][0]


def failure(round_: Round) -> str:
    """Why the round has no number, on one line."""
    if round_.audit is not None and not round_.audit.passed and round_.audit.difference:
        return one_line(round_.audit.difference)
    return one_line(round_.reason or "")


def reason_of(result: Result) -> str:
    """Why a result that is not ok has no number, on a line, from the first round with a reason."""
    telling = [round_ for round_ in result.rounds if round_.status == result.status] or result.rounds
    return next(filter(None, map(failure, telling)), "")


def _result(case: Case, machine: str, software: str, lines: list[Round]) -> Result:
    rounds = tuple(sorted(lines, key=lambda round_: (round_.round, round_.started)))
    audits = [round_.audit for round_ in rounds if round_.audit is not None]
    classes = {audit.semantic for audit in audits}
    if any(round_.status == "invalid" for round_ in rounds) or not all(audit.passed for audit in audits):
        status = "invalid"
    elif any(round_.status == "ok" for round_ in rounds):
        status = "ok"
    else:
        status = worst(rounds)
    semantic = classes.pop() if len(classes) == 1 else ""
    return Result(case, rounds[0].case_id, machine, software, rounds, status, semantic)


def _latest(lines: list[Round], versions: Versions) -> list[Round]:
    """The lines that count, in the order of their rounds and times."""
    places: dict[tuple[str, int], list[Round]] = {}
    for line in lines:
        places.setdefault((line.run, line.round), []).append(line)
    kept: list[Round] = []
    for place in places.values():
        if len(place) > 1:
            place.sort(key=lambda line: line.started)  # stable: the order in the file where times are equal
            last = {versions.of(line): index for index, line in enumerate(place) if line.status in MEASURED}
            final = len(place) - 1
            place = [line for index, line in enumerate(place) if index == final or last.get(versions.of(line)) == index]
        kept.extend(place)
    return kept


def _by_software(lines: list[Round], known: list[Software], versions: Versions) -> dict[Software, list[Round]]:
    """Versions -> lines. A process that died may not have reported all of its versions. Its line joins the measured
    lines of the case, or else the latest of the contender's `known` versions that agrees with the reported versions.
    """
    measured: dict[Software, list[Round]] = {}
    lines = _latest(lines, versions)
    for line in lines:
        if line.status in MEASURED:
            measured.setdefault(versions.of(line), []).append(line)
    candidates = list(measured) or known
    for line in lines:
        if line.status not in MEASURED:
            known_versions = versions.of(line)
            fitting = [each for each in candidates if set(known_versions) <= set(each)]
            measured.setdefault(fitting[-1] if fitting else known_versions, []).append(line)
    return measured


def _software_names(found: Iterable[tuple[str, Software]]) -> dict[tuple[str, Software], str]:
    """(contender, software) -> the versions that differ from the contender's other sets of versions."""
    by_contender: dict[str, dict[Software, None]] = {}
    for contender, software in found:
        by_contender.setdefault(contender, {})[software] = None
    names: dict[tuple[str, Software], str] = {}
    for contender, sets in by_contender.items():
        shared: set[Any] = set.intersection(*(set(software) for software in sets))
        for software in sets:
            told = [f"{name} {version}" for name, version in software if (name, version) not in shared]
            others = {name for other in sets for name, _ in other} - {name for name, _ in software}
            told += [f"no {name}" for name in sorted(others)] if software else []
            names[contender, software] = " & ".join(told) if told or len(sets) == 1 else "versions unknown"
    return names
