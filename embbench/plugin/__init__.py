"""Pytest. `pytest suites/` or `--embbench-suite NAME` measures a suite's cases as pytest-benchmark benchmarks.

Every pytest in an environment with embbench loads this module. So heavy imports wait until a suite is requested.
"""

from pathlib import Path

import pytest

from embbench.plugin.faults import FAULTS, remark

SUITES = "suites"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("embbench", "training steps with embedding tables as benchmarks")
    group.addoption(
        "--embbench-suite",
        action="append",
        default=[],
        metavar="NAME",
        help="Measure the cases of this suite: a name of `embbench list suites`, or a file. May be repeated. "
        "`pytest suites/` measures all suites in that folder.",
    )
    group.addoption(
        "--embbench-no-wait",
        action="store_true",
        help="Exit if another embbench measures on this machine; do not wait.",
    )
    group.addoption(
        "--embbench-preset", metavar="NAME", help="quick, standard or thorough, instead of the suite's own preset."
    )


def pytest_configure(config: pytest.Config) -> None:
    _check_preset(config.getoption("embbench_preset"))
    asked = config.getoption("embbench_suite")
    if not asked:
        return
    from embbench.errors import UsageError
    from embbench.spec.suite import suite_path

    try:
        paths = [str(suite_path(name).resolve()) for name in asked]
    except UsageError as error:
        raise pytest.UsageError(f"--embbench-suite: {error}") from None
    from embbench.plugin.collect import PARALLEL, in_parallel

    if in_parallel(config):
        raise pytest.UsageError(f"--embbench-suite: {PARALLEL}")
    named = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else []
    config.args = [*named, *paths]


def _check_preset(name: str | None) -> None:
    if name is None:
        return
    from embbench.errors import unknown
    from embbench.spec.protocol import PRESETS

    if name not in PRESETS:
        raise pytest.UsageError(f"--embbench-preset: {unknown('preset', name, PRESETS)}")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix != ".toml" or not _is_asked_for(file_path, parent.config):
        return None
    from embbench.plugin.collect import SuiteModule

    return SuiteModule.from_parent(parent, path=file_path)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Exit code 70 after a fault of embbench itself; pytest's own exit code 1 means that a measured case failed."""
    faults = session.config.stash.get(FAULTS, [])
    if faults:
        from embbench.errors import EXIT_FAULT

        session.exitstatus = EXIT_FAULT
        remark(session.config, faults[0])


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Measures all selected cases before the first test runs. Pytest then runs the tests."""
    option = session.config.option
    idle = ("collectonly", "setuponly", "setupplan", "benchmark_skip", "codspeed")
    broken = session.testsfailed and not option.continue_on_collection_errors
    if broken or any(getattr(option, name, False) for name in idle) or not any(map(_is_of_a_suite, session.items)):
        return
    from embbench.plugin.measuring import measure_selected

    measure_selected(session)


def _is_of_a_suite(item: pytest.Item) -> bool:
    return item.path.suffix == ".toml" and item.name.startswith("test_step[")


def _is_asked_for(file: Path, config: pytest.Config) -> bool:
    """Whether the user named the file, or a directory `suites` with the file in it. Other TOML files are not suites."""
    for argument in config.args:
        path = (config.invocation_params.dir / argument.partition("::")[0]).resolve()
        if path == file or (path.name == SUITES and path in file.parents):
            return True
    return False
