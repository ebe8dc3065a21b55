"""A Plan: the cases and the protocol of a run."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from embbench import wire
from embbench.cases.case import Case, case_id
from embbench.cases.protocol import BESIDES, LEAST_ROUNDS, MEASURING, PRESETS, Protocol, check_protocol
from embbench.cases.sources import Source, find_source
from embbench.cases.suite import Suite, View, expand
from embbench.cases.training_task import in_small
from embbench.errors import UsageError, unknown


class Plan(msgspec.Struct, frozen=True):
    """suite: its name. cases: in the suite's order; canonical once the plan is resolved. apart: the cases whose
    step is measured in parts, if the protocol has phases; None for all cases. sources: stream -> its file; {} before
    the plan is resolved. reference: a case whose steps take turns with those of each other case, in the process of the
    other case; None for no turns.
    """

    suite: str
    cases: tuple[Case, ...]
    protocol: Protocol
    view: View
    apart: tuple[Case, ...] | None = None
    sources: dict[str, Source] = {}
    reference: Case | None = None

    @property
    def plan_id(self) -> str:
        """Short hash of the cases and of the settings that affect their numbers. A command with more rounds or a longer
        timeout finds its file again.
        """
        measuring = {name: getattr(self.protocol, name) for name in MEASURING}
        parts = [
            sorted(case_id(case) for case in self.cases),
            measuring,
            *(name for name in BESIDES if getattr(self.protocol, name)),
            *([] if self.reference is None else [case_id(self.reference)]),
        ]
        return hashlib.sha256(wire.encode(parts)).hexdigest()[:8]

    def resolve(self, cpus: int) -> "Plan":
        """The plan with canonical cases; no other place makes cases canonical. `threads` of 0 becomes the number of
        CPUs, and a file of tokens becomes its content, read once. Raises UsageError for a file that cannot be read.
        """
        files = {tokens: find_source(tokens) for tokens in dict.fromkeys(case.tokens for case in self.cases)}
        named = {tokens: source.stream for tokens, source in files.items() if source is not None}
        cases = dict.fromkeys(
            msgspec.structs.replace(case, threads=case.threads or cpus, tokens=named.get(case.tokens, case.tokens))
            for case in self.cases
        )
        sources = {source.stream: source for source in files.values() if source is not None}
        return msgspec.structs.replace(self, cases=tuple(cases), sources=sources)

    def reference_of(self, case: Case) -> Case | None:
        """The reference whose steps can take turns with those of the case in one process; None for none."""
        reference = self.reference
        if reference is None or case == reference:
            return None
        same = ("contender", "runtime", "ranks", "threads", "device")  # what a process has but once
        return reference if all(getattr(case, name) == getattr(reference, name) for name in same) else None

    def first_rounds(self, case: Case) -> int:
        """Rounds of the case that a plan with a reference makes whatever its time budget: several of the reference, and
        of cases whose rows alone differ from the reference, since they show what grows.
        """
        reference = self.reference if case == self.reference else self.reference_of(case)
        return LEAST_ROUNDS if reference is not None and case.update == reference.update else 0

    def protocols(self, among: Iterable[Case]) -> dict[Case, Protocol]:
        """Case -> its protocol. Several cases of `among` may be equal in small: only the largest of them is trained."""
        largest: dict[Case, Case] = {}
        for each in among:
            known = largest.setdefault(in_small(each), each)
            if each.table_bytes > known.table_bytes:
                largest[in_small(each)] = each
        apart = frozenset(self.cases if self.apart is None else self.apart)
        return {
            case: msgspec.structs.replace(
                self.protocol,
                training=self.protocol.training and largest.get(in_small(case), case) == case,
                phases=self.protocol.phases and case in apart,
            )
            for case in self.cases
        }


def make_plan(
    suite: Suite,
    axes: Mapping[str, Sequence[Any]],
    protocol: Mapping[str, Any],
    paced: bool = False,
) -> Plan:
    """The suite with the axes and protocol values of the command line, not yet resolved.

    protocol: the values of the command line, with `preset`. A preset drops the suite's values, except what the suite
    measures besides the step. paced: whether the caller can spend a time budget. Without pacing there is no budget, and
    the preset sets the rounds. With a budget and without `rounds`, every case gets LEAST_ROUNDS first. `rounds` without
    a budget drops the suite's budget. Raises UsageError.
    """
    kept = {name: value for name, value in suite.protocol.items() if name in BESIDES or "preset" not in protocol}
    if not paced or ("rounds" in protocol and "within" not in protocol):
        kept.pop("within", None)
    values = {**kept, **protocol, **({} if paced else {"within": 0.0})}
    if values.get("within") and "rounds" not in (protocol if "within" in protocol else values):
        values["rounds"] = LEAST_ROUNDS
    preset = values.get("preset", "standard")
    if preset not in PRESETS:
        raise UsageError(unknown("preset", str(preset), PRESETS))
    cases = tuple(expand(suite.blocks, axes))
    return Plan(suite.name, cases, check_protocol(msgspec.structs.replace(PRESETS[preset], **values)), suite.view)
