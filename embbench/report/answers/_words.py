"""Words of answers: contenders with versions, lists, and claims by contender."""

from collections.abc import Iterable, Sequence

from embbench.analysis.collapse.claims import claims_of, standing_of
from embbench.analysis.collapse.collapse import Result
from embbench.cases.claim import Expected
from embbench.cases.units import format_quantity
from embbench.plain import one_line
from embbench.report.figures import figures
from embbench.stats.summary import Summary


def listed_with(names: Iterable[str], last: str = "and") -> str:
    """'a, b and c'"""
    *most, end = list(names)
    return f"{', '.join(most)} {last} {end}" if most else end


def contenders_of(results: Iterable[Result]) -> list[str]:
    return list(dict.fromkeys(one_line(result.case.contender) for result in results))


def everyone(names: Sequence[str], among: Sequence[str]) -> str:
    """'all 6 contenders', or their names."""
    return f"all {len(among)} contenders" if len(names) == len(among) > 2 else listed_with(names)


def with_version(result: Result) -> str:
    """The contender's name, and the versions of the packages that it declares in parentheses."""
    first = result.rounds[0]
    needs = [] if first.declared is None else [name for need in first.declared.packages for name in need.split("|")]
    versions = [f"{name} {first.software[name]}" for name in needs if name in first.software]
    name = one_line(result.case.contender)
    return f"{name} ({one_line(', '.join(versions))})" if versions else name


def who_holds(results: Sequence[Result], *expected: Expected) -> list[str]:
    """The contenders for which each of the claims holds in all of their results that made it."""
    kept = []
    for name in contenders_of(results):
        claims = [claims_of(result) for result in results if one_line(result.case.contender) == name]
        made = [[found[each.name] for found in claims if each.name in found] for each in expected]
        if all(found and all(claim.holds for claim in found) for found in made):
            kept.append(name)
    return kept


def deviations(results: Sequence[Result], *expected: Expected) -> list[str]:
    """A sentence per known deviation from the claims: who deviates, and how."""
    names = {each.name for each in expected}
    by_text: dict[str, dict[str, None]] = {}
    for result in results:
        for claim in claims_of(result).values():
            if claim.name in names and standing_of(claim) == "known":
                by_text.setdefault(claim.known, {})[with_version(result)] = None
    return [f"{listed_with(who)}: {one_line(text)}." for text, who in by_text.items()]


def seconds_text(summary: Summary) -> str:
    return format_quantity(summary.center, "s", min(3, figures(summary)))
