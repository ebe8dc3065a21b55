"""A Plan: the cases of one run and the protocol they are measured by."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from embbench import wire
from embbench.errors import UsageError, unknown
from embbench.spec.case import Case, case_id
from embbench.spec.protocol import BESIDES, LEAST_ROUNDS, MEASURING, PRESETS, Protocol, check_protocol
from embbench.spec.sources import Source, find_source
from embbench.spec.suite import Suite, View, expand
from embbench.spec.training_task import in_small


class Plan(msgspec.Struct, frozen=True):
    """suite: its name. cases: in the suite's order; canonical once the plan is resolved. apart: those whose step is
    taken apart where the protocol says so; None for all. sources: the files that token streams are drawn from, by
    stream; {} before the plan is resolved.
    """

    suite: str
    cases: tuple[Case, ...]
    protocol: Protocol
    view: View
    apart: tuple[Case, ...] | None = None
    sources: dict[str, Source] = {}

    @property
    def plan_id(self) -> str:
        """Short hash of the cases and of what decides their numbers, so that the same command finds its file again,
        with more rounds or a longer timeout too.
        """
        measuring = {name: getattr(self.protocol, name) for name in MEASURING}
        told = [
            sorted(case_id(case) for case in self.cases),
            measuring,
            *(name for name in BESIDES if getattr(self.protocol, name)),
        ]
        return hashlib.sha256(wire.encode(told)).hexdigest()[:8]

    def resolve(self, cpus: int) -> "Plan":
        """The plan as it is carried out. This is the only place where cases become canonical: `threads` of 0 becomes
        the number of CPUs, and a file that tokens are drawn from is known by its content, and read once. Raises
        UsageError where a file cannot be drawn from.
        """
        found = {tokens: find_source(tokens) for tokens in dict.fromkeys(case.tokens for case in self.cases)}
        named = {tokens: source.stream for tokens, source in found.items() if source is not None}
        cases = dict.fromkeys(
            msgspec.structs.replace(case, threads=case.threads or cpus, tokens=named.get(case.tokens, case.tokens))
            for case in self.cases
        )
        sources = {source.stream: source for source in found.values() if source is not None}
        return msgspec.structs.replace(self, cases=tuple(cases), sources=sources)

    def protocols(self, among: Iterable[Case]) -> dict[Case, Protocol]:
        """The protocol of each case of the plan. Of those `among` that are the same in small, the largest is trained;
        of what is not among them, each.
        """
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
    """The suite with the command line's axes and protocol values laid over it, yet to be resolved.

    protocol: values that were given, `preset` among them; a preset given here drops the suite's own values, but not
    what it measures besides the step.
    paced: whether who carries it out can spend a time budget by need. Otherwise there is none, and the rounds are those
    that the preset says. With a budget and no `rounds` given here each case gets LEAST_ROUNDS at first; `rounds` given
    here alone drop the suite's budget. Raises UsageError.
    """
    kept = {name: value for name, value in suite.protocol.items() if name in BESIDES or "preset" not in protocol}
    if not paced or ("rounds" in protocol and "within" not in protocol):
        kept.pop("within", None)
    told = {**kept, **protocol, **({} if paced else {"within": 0.0})}
    if told.get("within") and "rounds" not in (protocol if "within" in protocol else told):
        told["rounds"] = LEAST_ROUNDS
    preset = told.get("preset", "standard")
    if preset not in PRESETS:
        raise UsageError(unknown("preset", str(preset), PRESETS))
    cases = tuple(expand(suite.blocks, axes))
    return Plan(suite.name, cases, check_protocol(msgspec.structs.replace(PRESETS[preset], **told)), suite.view)
