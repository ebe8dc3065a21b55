"""One measuring embbench at a time: real processes, real kills, real locks."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from embbench.errors import UsageError
from embbench.launch import machine_lock
from embbench.launch.interrupts import Interrupts
from embbench.launch.machine_lock import alone

HOLD = """
import signal, sys
from pathlib import Path
from embbench.launch import machine_lock
machine_lock.LOCK = Path(sys.argv[1])
with machine_lock.alone("embbench run\\x1b[31m --vocab 2M", print):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lock(monkeypatch, tmp_path):
    path = tmp_path / "lock"
    monkeypatch.setattr(machine_lock, "LOCK", path)
    return path


@pytest.fixture
def holder(lock):
    """Another process that holds the machine until its stdin ends."""
    command = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_is_refused_with_the_name_of_the_first(holder):
    with (
        pytest.raises(UsageError, match=f"process {holder.pid} of .*embbench run --vocab 2M"),
        alone("x", print, False),
    ):
        pass


def test_the_second_waits_and_says_for_whom(holder):
    said = []

    def tell(text):
        said.append(text)
        holder.stdin.close()

    with alone("x", tell):
        assert holder.wait(60) == 0
    (line,) = said
    assert f"process {holder.pid} of " in line
    assert "\x1b" not in line


def test_what_a_killed_process_held_is_free(holder, lock):
    holder.kill()
    holder.wait()
    said = []
    with alone("x", said.append, wait=False):
        assert lock.read_text().startswith(f'{{"process":{os.getpid()},')
    assert said == []
    assert lock.read_text() == ""


def test_who_is_told_to_stop_waits_no_longer(holder):
    said = []

    def tell(text):
        said.append(text)
        os.kill(os.getpid(), signal.SIGTERM)

    with Interrupts() as interrupts, alone("x", tell, True, interrupts):
        assert interrupts.name == "SIGTERM"
    assert len(said) == 1


def test_a_holder_does_not_wait_for_itself_nor_its_children_for_it(lock):
    with alone("x", print, wait=False), alone("y", print, wait=False):
        child = [sys.executable, "-c", HOLD, str(lock)]
        ran = subprocess.run(child, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "held\n", "")
        assert f'"process":{os.getpid()},' in lock.read_text()


def test_any_user_may_take_it_whatever_the_umask(lock):
    before = os.umask(0o077)
    try:
        with alone("x", print):
            assert lock.stat().st_mode & 0o777 == 0o666
    finally:
        os.umask(before)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/etc/passwd")])
def test_what_cannot_be_locked_is_a_warning(lock, make):
    make(lock)
    said = []
    with alone("x", said.append):
        pass
    (line,) = said
    assert line.startswith(f"warning: {lock}: ")


def test_a_lock_that_was_tidied_away_is_made_anew(lock, holder):
    lock.unlink()
    with alone("x", print, wait=False):
        assert f'"process":{os.getpid()},' in lock.read_text()
