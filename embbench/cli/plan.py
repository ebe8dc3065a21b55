"""`embbench plan`."""

from typing import Annotated

import typer

from embbench.cli.flags import DATA_FLAG, PLAN_FLAGS, SHARD_FLAG, Flags, Output, with_flags
from embbench.cli.python_flag import PYTHON_FLAG


@with_flags(PLAN_FLAGS, DATA_FLAG, SHARD_FLAG, PYTHON_FLAG)
def plan(
    flags: Flags,
    force: Annotated[bool, typer.Option("--force", help="Also count cases that do not seem to fit.")] = False,
    format: Annotated[str, typer.Option("--format", metavar="NAME", help="text, md, json or html.")] = "text",
    output: Output = None,
) -> int:
    """Show what `run` would measure, without measuring: cases, memory, passes over the table, time.

    Times are rough estimates from the declared passes and a nominal bandwidth.

    \b
    Examples:
      embbench plan
      embbench plan --vocab 2M:64M:x2 --optimizer adam
      embbench plan --suite sparse-updates --preset thorough --format json
      embbench plan --suite crossover --shard 3/8
      embbench plan --suite frameworks --python pytorch=.venv-a/bin/python,jax_optax=.venv-b/bin/python

    \b
    Exit codes: 0 planned, 2 usage or broken file, 5 no case can run here.
    """
    from embbench.cli.planning import make_work, tell
    from embbench.cli.show import GREP_WIDTH, show
    from embbench.errors import EXIT_NOTHING_MEASURED
    from embbench.launch.runner import estimate_cases
    from embbench.report.plan_document import plan_document
    from embbench.report.writers import check_format

    check_format(format, csv=False)
    work, _ = make_work(flags, force, paced=True)
    tell(work.plan.sources.values())
    estimates = estimate_cases(work)
    pythons = {name: each.python for name, each in work.origin.environments.items()}
    show(plan_document(work.plan, estimates, pythons), format, output, pipe=GREP_WIDTH)
    return 0 if any(each.status == "run" for each in estimates) else EXIT_NOTHING_MEASURED
