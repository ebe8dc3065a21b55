"""The passes over the table of each update that covers the whole table: measured, against the update's arithmetic.

    embbench run --suite passes --out results/passes.jsonl
    python -m tests.bench.passes results/passes.jsonl

Prints for each path: passes from the growth of step time with the rows (with interval), passes from the update's
arithmetic, passes of the system's kernel and of square roots of optimizer state, and the unexplained share of these.
"""

import sys
from pathlib import Path

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cli.explain_output import gather
from embbench.cli.result_files import read


def main(paths: list[str]) -> None:
    results = collapse(read([Path(path) for path in paths]))
    measures = Measures(results)
    largest = max(each.case.vocab for each in results)
    print(f"{'path':<28} {'measured':>18} {'derived':>8} {'kernel':>7} {'roots':>6} {'not explained':>14}")
    for each in results:
        if each.case.vocab != largest or not measures.is_timed(each):
            continue
        passes = gather(each, results, measures).explanation.passes
        if passes is None or not passes.derived:
            continue
        found = passes.measured
        kernel, roots = (0.0 if part is None else part.center for part in (passes.kernel, passes.roots))
        between = "" if found.low is None or found.high is None else f" ({found.low:.0f} to {found.high:.0f})"
        share = passes.unexplained / passes.explained
        name = f"{each.case.contender} {each.case.update} {each.case.optimizer}"
        told = f"{passes.derived:8.0f} {kernel:7.1f} {roots:6.1f} {share:14.0%}"
        print(f"{name:<28} {f'{found.center:.1f}{between}':>18} {told}")


if __name__ == "__main__":
    main(sys.argv[1:])
