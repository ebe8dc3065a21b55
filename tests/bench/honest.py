"""Is an honest contender ever refused on a busy machine, and is every lie still caught there?

    python -m tests.bench.honest [FILE] [rounds] [lies]

Measures small rounds of the suite `frameworks` beside two processes that never rest, until FILE.jsonl holds `rounds`
rounds. Then tries all lies and honest programs of `selftest --audit`, `lies` times, into FILE.lies.jsonl. Repeat a
stopped command to continue it. Prints the number of `invalid` rounds, with the upper bound of their share at 95 %.
"""

import contextlib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from embbench.contenders import discover
from embbench.launch.executor import ProcessExecutor
from embbench.launch.origin import find_origin
from embbench.launch.pythons import Pythons
from embbench.launch.tryout import carry_out, one_of_each, tries
from embbench.lies import plants
from embbench.stats.proportion import proportion
from embbench.store.journal import read_rounds
from embbench.store.round import Round
from embbench.store.tryout import Tryout

BUSY = 2  # processes
TINY = ("--vocab", "3k", "--dim", "8", "--hidden", "8", "--batch", "4", "--seq", "6", "--budget", "0.02")
WRONG = {"passed", "refused", "broke"}


def main(file: str, rounds: int, times: int) -> None:
    results, tried = Path(f"{file}.jsonl"), Path(f"{file}.lies.jsonl")
    with busy():
        while len(measured(results)) < rounds:
            before = len(measured(results))
            run(results, before // max(1, cases(results)) + 1)
            if len(measured(results)) == before:
                break  # all cases that can be measured were given up
        show(measured(results))
        try_all(tried, times)
    show_tried(read_tried(tried))


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """Runs processes that compute without purpose."""
    spinning = [subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) for _ in range(BUSY)]
    try:
        yield
    finally:
        for each in spinning:
            each.kill()
            each.wait()


def run(results: Path, rounds: int) -> None:
    """Measures until every case has `rounds` rounds, including the rounds in the file."""
    script = "import sys; from embbench.cli import main; sys.exit(main())"
    told = ["run", "--suite", "frameworks", *TINY, "--preset", "quick", "--rounds", str(rounds), "--out", str(results)]
    done = subprocess.run([sys.executable, "-c", script, *told], stdout=subprocess.DEVNULL)
    if done.returncode not in (0, 4):  # 4: a case broke, which this program looks for
        sys.exit(done.returncode)


def measured(results: Path) -> list[Round]:
    """The rounds that a worker began."""
    if not results.exists():
        return []
    return [each for each in read_rounds([results])[0] if each.status not in ("unsupported", "skipped", "interrupted")]


def cases(results: Path) -> int:
    return len({each.case_id for each in measured(results)})


def show(found: list[Round]) -> None:
    print(dict(Counter(each.status for each in found)))
    for each in found:
        if each.status != "ok":
            print(f"{each.case.contender} {each.case.update} {each.case.table}: {each.status}: {each.reason}")
    print(f"invalid: {share(sum(each.status == 'invalid' for each in found), len(found))}", flush=True)


def try_all(tried: Path, times: int) -> None:
    """Appends the missing tries."""
    known = discover()
    contenders = [known[name] for name in one_of_each(known, Pythons())]
    found = read_tried(tried)
    tried.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in found))  # drops half a line at the end
    there = Counter((each.program, each.contender) for each in found)
    executor = ProcessExecutor(find_origin({each.name: each for each in contenders}))
    for time in range(times):
        left = [each for each in tries(plants().values(), contenders, {}) if there[each[0].name, each[1].name] <= time]
        with tried.open("ab") as file:
            for each in carry_out(left, executor, lambda: False):
                file.write(msgspec.json.encode(each) + b"\n")
                file.flush()


def read_tried(tried: Path) -> list[Tryout]:
    if not tried.exists():
        return []
    lines = tried.read_bytes().splitlines(keepends=True)
    return [msgspec.json.decode(line, type=Tryout) for line in lines if line.endswith(b"\n")]


def show_tried(found: list[Tryout]) -> None:
    for honest, name in ((False, "lies not caught"), (True, "honest programs refused")):
        mine = [each for each in found if each.honest == honest and each.verdict != "absent"]
        wrong = [each for each in mine if each.verdict in WRONG]
        for each in wrong:
            print(f"{each.contender} {each.program}: {each.verdict} {each.text}")
        print(f"{name}: {share(len(wrong), len(mine))}")


def share(count: int, n: int) -> str:
    """'0 of 500, below 0.6 %'"""
    # the upper end of a two-sided interval of 90 % is the one-sided bound of 95 %
    return f"{count} of {n}, below {100 * proportion(count, n, 0.9).high:.2g} %" if n else "none was made"


if __name__ == "__main__":
    file, rounds, times = (*sys.argv[1:], *("results/local/honest", "500", "1")[len(sys.argv) - 1 :])
    main(file, int(rounds), int(times))
