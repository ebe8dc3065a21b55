"""Of installed distributions their versions count, in real processes."""

import json
from pathlib import Path

import pytest

from tests.worker.loading import ROOT, digest


@pytest.fixture
def install(tmp_path):
    """Puts a made-up distribution where distributions are installed; its import path."""

    def go(name: str, version: str, files: dict[str, str], project: Path | None = None) -> str:
        place = tmp_path / "env" / "site-packages"
        info = place / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        for path, text in files.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text(text)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "RECORD").write_text("".join(f"{path},,\n" for path in files))
        if project is not None:
            told = {"url": project.as_uri(), "dir_info": {"editable": True}}
            (info / "direct_url.json").write_text(json.dumps(told))
        return f"{ROOT}:{place}" + (f":{project}" if project else "")

    return go


def test_an_undeclared_distribution_counts_by_its_version(load, install):
    found = load("import thing.part\n", PYTHONPATH=install("thing_x", "1.2", {"thing/part.py": "X = 1\n"}))
    assert (found.code, found.packages) == ({}, {"thing-x": "1.2"})


def test_of_a_distribution_that_is_edited_version_and_files_count(load, install, tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "thing.py").write_text("X = 1\n")
    found = load("import thing\n", "bench/mine.py", PYTHONPATH=install("thing", "1.2", {"thing.pth": "\n"}, project))
    assert found.packages == {"thing": "1.2"}
    assert found.code == {"thing": (str(project / "thing.py"), digest("X = 1\n"))}


def test_a_file_that_no_distribution_knows_counts_though_it_lies_among_them(load, install, tmp_path):
    path = install("thing", "1.2", {"thing/part.py": "X = 1\n"})
    stray = tmp_path / "env" / "site-packages" / "thing" / "stray.py"
    stray.write_text("X = 3\n")
    found = load("import thing.part, thing.stray\n", "bench/mine.py", PYTHONPATH=path)
    assert found.packages == {"thing": "1.2"}
    assert found.code == {"thing.stray": (str(stray), digest("X = 3\n"))}
