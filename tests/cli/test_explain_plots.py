"""Files and packages of the plots of `explain`."""

import sys

import pytest


@pytest.mark.parametrize(
    ("name", "form", "written"),
    [
        ("x.png", "text", "as text to .txt"),
        ("x.pdf", "md", "as Markdown to .md"),
        ("x.txt", "json", "as JSON to .json"),
    ],
)
def test_a_plot_is_not_written_into_a_file_of_another_kind(cli, saved, tmp_path, name, form, written):
    told = cli("explain", saved, "--plot", "time", "--format", form, "--output", str(tmp_path / name))
    assert (told.code, told.out) == (2, "")
    assert told.err.strip() == f"embbench: --output {tmp_path / name}: a plot is written as .svg, or {written}"
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(("name", "form"), [("x.txt", "text"), ("x.TXT", "text"), ("x.md", "md"), ("x", "text")])
def test_a_plot_is_written_into_a_file_of_its_kind(cli, saved, tmp_path, name, form):
    told = cli("explain", saved, "--plot", "time", "--format", form, "--output", str(tmp_path / name))
    assert told.code == 0
    assert "step time" in (tmp_path / name).read_text(encoding="utf-8")


def test_the_suffix_of_a_picture_may_be_in_capitals(cli, saved, tmp_path):
    assert cli("explain", saved, "--plot", "time", "--output", str(tmp_path / "x.SVG")).code == 0
    assert "<svg" in (tmp_path / "x.SVG").read_text(encoding="utf-8")


@pytest.mark.parametrize(("package", "more"), [("plotille", []), ("matplotlib", ["--output", "time.svg"])])
def test_a_plot_without_its_package_is_one_line_with_the_install_command(cli, saved, monkeypatch, package, more):
    monkeypatch.setitem(sys.modules, package, None)
    told = cli("explain", saved, "--plot", "time", *more)
    line = f"embbench: --plot: {package} is not installed: pip install 'embbench[plots]'\n"
    assert (told.code, told.out, told.err) == (2, "", line)
