"""What is installed, what to install, and version ranges: from metadata, not from imports."""

from importlib import metadata

import pytest

from embbench.host.packages import installed, matches, own_needs, requirement


def test_the_first_alternative_that_is_installed_is_meant():
    assert installed("no-such-thing|numpy") == ("numpy", metadata.version("numpy"))
    assert installed("no-such-thing|neither") == ("no-such-thing", None)


def test_what_to_install_has_the_bounds_of_embbenchs_own_extras():
    assert requirement("wordsegment").startswith("wordsegment")
    assert "<2" in requirement("wordsegment")
    assert requirement("wordsegment") == requirement("wordsegment|other")
    assert requirement("no-such-thing|numpy") == "no-such-thing"


def test_without_an_installation_the_name_alone_is_what_to_install(monkeypatch):
    def lacks(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", lacks)
    assert requirement("jax") == "jax"
    assert own_needs() == set()


def test_a_name_is_the_same_with_any_separator():
    assert requirement("nvidia_ml_py").removeprefix("nvidia_ml_py") == requirement("nvidia-ml-py")[12:]
    assert ">=" in requirement("nvidia_ml_py")


@pytest.mark.parametrize(
    ("version", "inside"),
    [("0.10.1", False), ("0.10.2", True), ("0.10.10", True), ("0.11.0+cpu", True), ("0.11.1", False)],
)
def test_ranges_compare_versions_and_not_text(version, inside):
    assert matches(version, ">=0.10.2,<=0.11.0") == inside
