"""One question to another program: real processes, some of which write or run without end."""

import subprocess
import sys

import psutil
import pytest

from embbench.launch.ask_program import MOST, ask

ENDLESS = "import sys\nwhile True: sys.stderr.write('x' * 65536)"
# Says who it is once it runs, and is killed by its own asker's end only.
ASKER = """
import sys
from embbench.launch.ask_program import ask
child = "import os, time; open(%r, 'w').write(str(os.getpid())); time.sleep(600)"
ask([sys.executable, "-c", child], 600)
"""


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def test_an_answer_with_its_exit_code():
    asked = ask(python("import sys; print('well'); print('a\\nb ', file=sys.stderr); sys.exit(3)"), 60)
    assert (asked.answer, asked.said, asked.code, asked.last_words) == (b"well\n", b"a\nb \n", 3, "b")


def test_one_that_says_nothing_is_known_by_how_it_ended():
    assert ask(python("import os; os.abort()"), 60).last_words == "killed by SIGABRT"


def test_of_many_words_the_last_are_kept():
    asked = ask(python(f"import sys; sys.stderr.write('x' * {2 * MOST} + '\\nenough')"), 60)
    assert len(asked.said) == MOST
    assert asked.last_words == "enough"


@pytest.mark.parametrize(
    "script", [ENDLESS, "import time; time.sleep(600)", "import os, time; os.close(1); os.close(2); time.sleep(600)"]
)
def test_one_without_end_is_given_up(script):
    before = {*psutil.Process().children()}  # other tests of this process may have left ended ones
    with pytest.raises(TimeoutError):
        ask(python(script), 0.3)
    assert not {*psutil.Process().children()} - before


def test_no_such_program():
    with pytest.raises(FileNotFoundError):
        ask(["/nowhere/python"], 60)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_whoever_asks_takes_the_other_along(tmp_path):
    told = tmp_path / "child"
    asker = subprocess.Popen(python(ASKER % str(told)))
    try:
        while not told.exists() or not told.read_text():
            assert asker.poll() is None
        child = psutil.Process(int(told.read_text()))
    finally:
        asker.kill()
        asker.wait()
    child.wait(60)
