"""`embbench baseline promote`."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode=None, help="Baselines that `gate` compares later runs with.")


@app.callback()
def baseline() -> None:
    """Baselines that `gate` compares later runs with: a file per machine and suite, under results/baselines/."""


@app.command()
def promote(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Results of one suite on one machine, from `embbench run`.")
    ],
    directory: Annotated[
        Path | None,
        typer.Option(
            metavar="DIRECTORY", help="Directory of the baselines; results/baselines if not given.", show_default=False
        ),
    ] = None,
    format_name: Annotated[str, typer.Option("--format", metavar="NAME", help="text, md, json or html.")] = "text",
) -> int:
    """Make a results file the baseline of its machine and suite. The file replaces an earlier baseline.

    \b
    Example:
      embbench run --suite sparse-updates --rounds 7 --out /tmp/new.jsonl
      embbench baseline promote /tmp/new.jsonl
    """
    from embbench.cli.show import GREP_WIDTH, show
    from embbench.report.saved_document import baseline_document
    from embbench.report.writers import check_format
    from embbench.store.baselines import DIRECTORY
    from embbench.store.baselines import promote as put

    check_format(format_name, csv=False)
    path, rounds = put(file, directory or DIRECTORY)
    show(baseline_document(path, rounds), format_name, pipe=GREP_WIDTH)
    return 0
