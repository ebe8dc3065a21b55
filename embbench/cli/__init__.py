"""Floor 6: the verbs. The only rooms that print or exit; each imports what it needs when it is called."""

import errno
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from embbench import __version__
from embbench.cli.doctor import doctor
from embbench.cli.listing import list_
from embbench.cli.plan import plan
from embbench.cli.report import report
from embbench.cli.run import run
from embbench.errors import EXIT_INTERRUPTED, EXIT_USAGE, EmbbenchError

# Without Rich's markup the help needs no Rich, which would double its time.
app = typer.Typer(
    name="embbench",
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
_ClickException = typer.BadParameter.__mro__[2]  # typer brings its own click or imports one, by its version


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"embbench {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def embbench(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """What a training step with an embedding table costs, which part grows with the vocabulary, and what removes it.

    \b
    Example:
      embbench run                     the question it was built for, on this machine
      embbench run --vocab 2M --update default,sparse --preset quick
      embbench report results/local/*.jsonl --col update
    """
    if context.invoked_subcommand is None:
        print(context.get_help())


app.command("run", short_help="Measure the cases of a suite; show the table.")(run)
app.command("plan", short_help="What `run` would measure: memory, passes, time.")(plan)
app.command("report", short_help="Tables and answer from results files.")(report)
app.command("list", short_help="Contenders, suites and metrics.")(list_)
app.command("doctor", short_help="What disturbs measurements here, and what to do.")(doctor)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and gives its exit code; every foreseen failure is one line on stderr."""
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # nobody reads on: of stdout, or of stderr, where progress goes
        _drop_stdout()
        return 0
    except OSError as error:
        if error.errno != errno.ENOSPC:  # files of ours raise FileError; this is where stdout was sent
            raise
        _drop_stdout()
        return _complain(f"stdout: {error.strerror}; results files are whole", EXIT_USAGE)
    return code


def _invoke(arguments: Sequence[str] | None) -> int:
    try:
        told = {"arguments": list(sys.argv[1:] if arguments is None else arguments)}
        command = typer.main.get_command(app)
        return command.main(arguments, prog_name="embbench", standalone_mode=False, obj=told) or 0
    except EmbbenchError as error:
        return _complain(str(error), error.exit_code)
    except _ClickException as error:
        return _complain(_worded(error), EXIT_USAGE)
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_INTERRUPTED
    except SystemExit:  # typer's answer to a reader that closed the pipe; 1 would read as a regression
        _drop_stdout()
        return 0


def _worded(error: Exception) -> str:
    """click's own message on one line, with the help to look into."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "embbench"
    return f"{' '.join(error.format_message().split())} See {command} --help"  # type: ignore[attr-defined]


def _complain(text: str, code: int) -> int:
    print(f"embbench: {' '.join(text.split())}", file=sys.stderr)
    return code


def _drop_stdout() -> None:
    """Keeps Python from complaining at its exit about a pipe that nobody reads."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
