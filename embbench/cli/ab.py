"""`embbench ab`."""

from typing import Annotated

import typer

from embbench.cli.ab_session import (
    CASE_FLAGS,
    INTERRUPTED,
    SIDE_FLAGS,
    Budget,
    Force,
    across,
    compared,
    make_session,
    measure,
    sides,
)
from embbench.cli.flags import Flags, Format, Metrics, NoWait, Output, Strict, Threshold, with_flags
from embbench.cli.output import say
from embbench.cli.show import show


@with_flags(CASE_FLAGS, SIDE_FLAGS)
def ab(
    flags: Flags,
    metric: Metrics = "",
    threshold: Threshold = "",
    budget: Budget = 60.0,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Save the two sides as NAME.base.jsonl and NAME.head.jsonl.", show_default=False
        ),
    ] = None,
    force: Force = False,
    no_wait: NoWait = False,
    strict: Strict = False,
    format_name: Format = "text",
    output: Output = None,
) -> int:
    """Compare base and head, alternating, until the answer is decided: faster, slower or the same.

    Two workers stay resident and take turns in short blocks, so disturbances of the machine hit both sides alike. A
    pair of fresh processes is a launch. Repeat the command to continue with the saved launches.

    \b
    Examples:
      embbench ab --base-update default --head-update fused
      embbench ab --base-python .venv-old/bin/python --head-python .venv/bin/python --suite embedding-scaling
      embbench ab --base-contender ./before.py --head-contender ./after.py --vocab 2M --threshold step_time=2%

    \b
    Exit codes: 0 no regression, 1 regression, 2 usage or broken file, 3 undecided (with --strict), 4 a case broke,
    5 nothing comparable, 130 interrupted.
    """
    from embbench.ab.session import THRESHOLDS
    from embbench.analysis.compare.outcome import exit_code
    from embbench.cli.compare_flags import launch_options
    from embbench.errors import EXIT_INTERRUPTED
    from embbench.launch.resume import DIRECTORY
    from embbench.report.comparisons import comparison_document
    from embbench.report.writers import check_format

    check_format(format_name)
    base, head = sides(flags)
    options = launch_options(metric, threshold, across(base, head), flags["suite"], THRESHOLDS)
    session = make_session(flags, base, head, options, budget, force)
    outcome = measure([session], out or str(DIRECTORY / f"ab-{session.session_id}"), not no_wait)
    if outcome.interrupted:
        say(INTERRUPTED)
        return EXIT_INTERRUPTED
    show(comparison_document(compared(base, head, outcome)), format_name, output)
    return exit_code(outcome.comparisons, strict)
