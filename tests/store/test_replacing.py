"""Files that take another's place: whole, or not at all, and nothing beside them."""

import os
import re
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from embbench.store.replacing import replace_file


def beside(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir())


def test_a_new_file_has_what_the_umask_leaves(tmp_path):
    before = os.umask(0o027)
    try:
        replace_file(tmp_path / "new", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert beside(tmp_path / "new") == ["new"]


def test_an_old_file_keeps_its_mode_and_is_another_file(tmp_path):
    path = tmp_path / "old"
    path.write_bytes(b"old")
    path.chmod(0o604)
    with path.open("rb") as reader:
        replace_file(path, b"new")
        assert reader.read() == b"old"
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o604)


def test_a_symbolic_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("deep/target")
    (tmp_path / "dangling").symlink_to("deep/none")
    replace_file(tmp_path / "link", b"new")
    replace_file(tmp_path / "dangling", b"new too")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "deep" / "target").read_bytes() == b"new"
    assert (tmp_path / "deep" / "none").read_bytes() == b"new too"


@pytest.mark.parametrize("fails", ["write", "fsync", "replace"])
def test_whatever_fails_the_old_file_stays_and_nothing_beside_it(tmp_path, monkeypatch, fails):
    path = tmp_path / "old"
    path.write_bytes(b"old")

    def fail(*arguments):
        raise OSError(28, "No space left on device")

    if fails == "write":
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4, hard))
    else:
        monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[fails], fail)
    try:
        with pytest.raises(OSError, match=re.escape(str(tmp_path))) as caught:
            replace_file(path, b"new and longer")
    finally:
        if fails == "write":
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, before)
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert beside(path) == ["old"]


@pytest.mark.parametrize("name", ["gone/file", ".", "n" * 300])
def test_what_cannot_be_written_says_its_name(tmp_path, name):
    with pytest.raises(OSError, match=re.escape(str(tmp_path))) as caught:
        replace_file(tmp_path / name, b"x")
    assert caught.value.filename == str(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_long_name_that_is_allowed_is_written(tmp_path):
    replace_file(tmp_path / ("n" * 255), b"x")
    assert (tmp_path / ("n" * 255)).read_bytes() == b"x"


def test_a_pipe_and_a_device_are_written_to(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen(["cat", str(fifo)], stdout=subprocess.PIPE) as reader:
        replace_file(fifo, b"through")
        assert reader.stdout.read() == b"through"
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    replace_file(Path(os.devnull), b"x")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_a_stream_that_the_shell_appends_to_is_added_to(tmp_path, name):
    log = tmp_path / "log"
    log.write_bytes(b"before\n")
    code = f"from embbench.store import replacing as r; r.replace_file(r.Path({name!r}), b'new')"
    with log.open("ab") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True)
    assert log.read_bytes() == b"before\nnew"


def test_a_reader_sees_the_old_or_the_new_one_while_it_is_killed(tmp_path):
    """Killed in the middle of writing over and over: what is there is always whole."""
    path = tmp_path / "file"
    old, size = b"a" * 200_000, 200_000
    path.write_bytes(old)
    code = (
        "import sys; from pathlib import Path; from embbench.store.replacing import replace_file\n"
        "print('on', flush=True)\n"
        f"while True:\n    for letter in b'bc':\n        replace_file(Path(sys.argv[1]), bytes([letter]) * {size})\n"
    )
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            seen = [path.read_bytes() for _ in range(20)]
            process.kill()
        for data in (*seen, path.read_bytes()):
            assert len(data) == size
            assert len(set(data)) == 1
