"""The folder of a submission: which one it is, and what it remembers."""

from pathlib import Path

import msgspec
import pytest

from embbench.errors import FileError
from embbench.launch.submission import (
    SubmittedJob,
    choose_folder,
    locked,
    open_submission,
    plan_of,
    save_submission,
)

DAY = "2026-01-05"


@pytest.fixture
def parts(plan):
    whole = plan(axes={"vocab": [1000, 2000]})
    return [msgspec.structs.replace(whole, cases=(case,)) for case in whole.cases]


def with_protocol(parts, **fields):
    protocols = [msgspec.structs.replace(part.protocol, **fields) for part in parts]
    return [msgspec.structs.replace(part, protocol=each) for part, each in zip(parts, protocols, strict=True)]


def test_more_rounds_and_more_time_are_the_same_plan_and_another_cut_is_not(parts):
    assert plan_of(with_protocol(parts, rounds=9, within=900.0, timeout=5.0)) == plan_of(parts)
    assert len({plan_of(each) for each in (parts, parts[::-1], parts[:1])}) == 3


def test_the_newest_folder_of_the_plan_is_found(tmp_path, parts):
    assert choose_folder(parts, Path("mine"), DAY, tmp_path) == Path("mine")
    new = choose_folder(parts, None, DAY, tmp_path / "none")
    assert new.name == f"{DAY}-test-{plan_of(parts)}-2-jobs"
    for day in ("2026-01-03", "2026-01-04"):
        (tmp_path / new.name.replace(DAY, day)).mkdir()
    (tmp_path / f"2026-01-06-test-{plan_of(parts[:1])}-1-jobs").mkdir()
    assert choose_folder(parts, None, DAY, tmp_path).name.startswith("2026-01-04-")


def test_a_folder_remembers_its_first_command_and_the_latest_job_of_each_part(tmp_path, parts):
    fresh = open_submission(tmp_path, parts, "embbench submit --jobs 2")
    first, second, again = (SubmittedJob("slurm", name, "log") for name in ("12_0", "12_1", "15"))
    known = fresh.with_jobs({1: first, 2: second}).with_jobs({2: again})
    save_submission(tmp_path, known)
    assert open_submission(tmp_path, parts, "another") == known
    assert (known.command, known.jobs) == ("embbench submit --jobs 2", {"1": first, "2": again})
    with pytest.raises(FileError, match="holds the jobs of another plan or number of jobs: embbench submit --jobs 2;"):
        open_submission(tmp_path, parts[::-1], "another")


def test_a_damaged_file_is_named(tmp_path, parts):
    (tmp_path / "submission.json").write_text("{")
    with pytest.raises(FileError, match=r"submission.json: was not written by embbench submit"):
        open_submission(tmp_path, parts, "")


def test_two_commands_do_not_submit_at_once(tmp_path):
    new = tmp_path / "new"
    with locked(new), pytest.raises(FileError, match="another embbench submits its jobs now"), locked(new):
        pass
    with locked(new):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=r"file/folder: .*; name another folder: --out FOLDER"):
        open_folder(tmp_path / "file" / "folder")


def open_folder(folder):
    with locked(folder):
        pass
