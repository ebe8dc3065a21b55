"""Help: fast, complete, and with an example for every verb."""

import subprocess
import sys

import pytest

from embbench import __version__
from embbench import cli as command
from embbench.cases.case import AXES
from embbench.cli.flags import AXIS_FLAGS

VERBS = (
    "run",
    "submit",
    "plan",
    "report",
    "compare",
    "ab",
    "gate",
    "selftest",
    "explain",
    "predict",
    "export",
    "import",
    "list",
    "doctor",
)


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(cli, verb, flag):
    ran = cli(verb, flag)
    assert (ran.code, ran.err) == (0, "")
    assert f"  embbench {verb}" in ran.out.partition("Example")[2]


@pytest.mark.parametrize("arguments", [(), ("-h",), ("--help",)])
def test_the_verbs_are_listed(cli, arguments):
    ran = cli(*arguments)
    assert ran.code == 0
    assert all(f"\n  {verb} " in ran.out for verb in VERBS)


def test_version(cli):
    assert cli("--version").out == f"embbench {__version__}\n"


def test_every_axis_is_a_flag_and_nothing_else_is():
    assert tuple(AXIS_FLAGS) == AXES


def test_run_and_plan_share_their_flags(cli):
    for axis in AXES:
        assert f"--{axis.replace('_', '-')} " in cli("run", "--help").out
        assert f"--{axis.replace('_', '-')} " in cli("plan", "--help").out


def test_help_loads_nothing_heavy():
    code = "import sys; from embbench.cli import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "scipy", "rich", "psutil", "pynvml", "torch", "importlib.metadata", "asyncio"}
    assert not heavy & set(ran.stderr.split())


def test_a_reader_that_stops_reading_is_no_failure(start):
    process = start("list")
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() == 0
    process.stderr.close()


def test_a_full_stdout_is_one_line():
    code = "import sys; from embbench.cli import main; sys.exit(main(['--help']))"
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        ran = subprocess.run([sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True)
    assert ran.returncode == 2
    assert ran.stderr == "embbench: stdout: No space left on device; results files are complete\n"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (PermissionError(13, "Permission denied", "/a/b"), "embbench: /a/b: Permission denied\n"),
        (OSError(5, "Input/output error"), "embbench: stdout: Input/output error; results files are complete\n"),
        (OSError(24, "Too many open files"), "embbench: Too many open files\n"),
    ],
)
def test_what_the_system_refuses_is_one_line_and_no_regression(monkeypatch, capfd, error, line):
    def refuse(arguments):
        raise error

    monkeypatch.setattr(command, "_invoke", refuse)
    monkeypatch.setattr(command, "discard", lambda file: None)
    assert command.main(["list"]) == 2
    assert capfd.readouterr().err == line


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_outputs_are_no_failure(closed):
    script = f'exec "$0" -c "import sys; from embbench.cli import main; sys.exit(main([\'list\']))" {closed}'
    ran = subprocess.run(["/bin/sh", "-c", script, sys.executable], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
