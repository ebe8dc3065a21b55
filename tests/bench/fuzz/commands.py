"""Command lines with mistakes of people and scripts: all verbs and flags, with values of all kinds."""

import functools
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.bench.fuzz.child import run_all
from tests.bench.fuzz.verdict import Verdict

RESULTS = Path(__file__).parents[3] / "results"
FIXTURES = Path(__file__).parents[2] / "launch" / "fixtures"

RIGHT = {
    "contender": ["numpy", "pytorch", "numpy,pytorch", "./plain.py", "fbgemm"],
    "table": ["frozen", "trainable", "frozen,trainable", "hybrid", "onehot"],
    "update": ["default", "sparse", "default,fused"],
    "optimizer": ["sgd", "adam", "adam,sgd"],
    "vocab": ["1000", "20k", "200k,2M", "1k:8k:x2", "2e6", "2_000_000"],
    "dim": ["8", "16,32"],
    "hidden": ["8"],
    "layers": ["1", "2"],
    "batch": ["4"],
    "seq": ["6"],
    "tokens": ["words", "uniform", "zipf:1.1", "same", "corpus:text.txt", "texts:text.txt", "ids:ids.txt"],
    "dtype": ["float32", "float64"],
    "device": ["cpu", "cuda"],
    "threads": ["1", "2"],
    "seed": ["0", "3"],
    "suite": ["embedding-scaling", "frameworks", "ci", "./suite.toml"],
    "preset": ["quick", "standard"],
    "rounds": ["1", "2"],
    "budget": ["0.1", "1"],
    "timeout": ["5"],
    "row": ["vocab", "vocab,table"],
    "col": ["table,update", "optimizer"],
    "metric": ["step_time", "step_time,host_peak", "peak_ratio"],
    "reference": ["table=trainable,update=default", ""],
    "filter": ["vocab>=1M", "table=frozen", "update=default|sparse"],
    "format": ["text", "json", "md", "csv", "html"],
    "output": ["out.txt", "caf\udce9.txt"],
    "out": ["r.jsonl", "caf\udce9.jsonl"],
    "threshold": ["step_time=5%", "step_time=0.01,host_peak=1%"],
    "across": ["software", "machine"],
    "base-update": ["default"],
    "head-update": ["sparse"],
    "base-contender": ["./plain.py"],
    "head-contender": ["numpy"],
    "plot": ["time", "memory", "phases", "roofline", "crossover"],
    "to": ["csv", "bencher", "pytest-benchmark", "github-action-benchmark"],
    "explain": ["nothing"],
    "slowdown": ["10%"],
    "comparisons": ["1"],
}
WRONG = [
    *("", " ", "0", "-1", "1.5", "1e400", "nan", "inf", "9" * 5000, "1,048,576", "2,000,000", "1_000_", "٣"),
    *("2M ", "--"),
    *("=", "x=1", "vocab=", "vocab>=", ">=1", "|", "||,|", "vocab=1|2|", "table==frozen", "step_time=-5%", "a=b=c"),
    *("\x1b[31mred\x1b[0m", "a\nb", "a\rb", "a\tb", "a\x00b"[:1], "\x07", "\u202eevil", "\u2028", "\ud800"),
    *("caf\udce9"),
    *("<script>", "`x`", "| a |", "@everyone", "[bold]", "{}", "%s", "%(x)s", "$HOME", "~", "*", "\\", "'", '"'),
    *("/dev/null", "/dev/full", "/dev/zero", "/proc/self/mem", ".", "..", "/", "nowhere/x", "a" * 300, "a" * 5000),
    *("corpus:", "corpus:nowhere", "corpus:/dev/zero", "corpus:/dev/stdin", "corpus:.", "corpus:binary"),
    *("texts:.", "ids:."),
    *("zipf:", "zipf:0", "zipf:nan", "zipf:1e308", "words:x", "corpus:caf\udce9.txt", "corpus:huge_word.txt"),
    *("ids:text.txt"),
    *("1k:2k:x1", "1:10:+0", "10:1:x2", "1:1G:+1", "1:2:3:4", "::", "1k:x2", "1:9:x", "0:9:x2", "1,2,3"),
    *("1,1,1", "1M,1m"),
    *("./broken.py", "./empty.py", "./binary", "nowhere.py", "./suite.toml", "./broken.toml"),
    *("embeding-scaling", "Adam"),
]  # fmt: skip
FILES = [
    "good.jsonl",
    "other.jsonl",
    "empty.jsonl",
    "torn.jsonl",
    "binary",
    "nowhere.jsonl",
    ".",
    "caf\udce9.jsonl",
    "/dev/null",
]
STRAY = [
    "--nope",
    "-x",
    "--vocab",
    "--help",
    "--version",
    "extra",
    "--",
    "-",
    "\x1b]0;title\x07",
    "--format=json",
    "--no-wait",
]
# For verbs that start hundreds of processes or read another program's answer, correct commands must stay rare.
SLOW = {"selftest", "doctor", "ab", "gate", "run", "explain"}


def verdicts(seed: int, first: int, last: int) -> Iterator[Verdict]:
    return run_all(make, seed, first, last)


def make(seed: int, number: int) -> tuple[str, list[str]]:
    """(verb as the kind, command line). Makes its files in the current directory."""
    rng = random.Random(f"commands/{seed}/{number}")
    make_files()
    verb = rng.choice(verbs())
    words, options = list(verb), flags_of(verb)
    for _ in range(min(rng.choice((0, 1, 1, 2, 3, 5)), len(options))):
        name, takes_value = rng.choice(options)
        words.append(f"--{name}")
        if takes_value and rng.random() > 0.02:
            words.append(rng.choice(WRONG) if rng.random() < 0.35 else rng.choice(RIGHT.get(name, WRONG)))
    if verb and verb[0] in ("report", "compare", "explain", "predict", "export", "import", "baseline"):
        words += rng.choices(FILES, k=rng.choice((0, 1, 1, 1, 2, 2, 3)))
    if rng.random() < 0.1:
        words.insert(rng.randrange(len(words) + 1), rng.choice(STRAY))
    if verb and verb[0] in SLOW and not any(word.startswith("--budget") for word in words):
        words += ["--budget", "1"] if ("budget", True) in options else []
    # Bytes that are not UTF-8 come from the system as lone surrogates. An argument cannot hold a NUL.
    return " ".join(verb), [word.replace("\0", "") for word in words]


def make_files() -> None:
    """Makes the files that the command lines name."""
    for name, source in (("good.jsonl", "embedding-scaling"), ("other.jsonl", "crossover")):
        os.link(_short(source), name)
    Path("caf\udce9.jsonl").hardlink_to("good.jsonl")
    Path("torn.jsonl").write_bytes(Path("good.jsonl").read_bytes()[:-40])
    Path("empty.jsonl").touch()
    Path("binary").write_bytes(bytes(range(256)) * 4)
    Path("text.txt").write_text("The cat sat on the mat, and the dog too.\nEinstein's café, naïve.\n", encoding="utf-8")
    Path("caf\udce9.txt").write_text("one two three two three three\n", encoding="utf-8")
    Path("huge_word.txt").write_text("a" * 200_000 + " b", encoding="utf-8")
    Path("ids.txt").write_text("1 2 3 2 1 0\n4 4 4\n", encoding="utf-8")
    shutil.copy(FIXTURES / "plain.py", "plain.py")
    Path("broken.py").write_text("DECLARES = {'summary': open('x')}\n", encoding="utf-8")
    Path("empty.py").touch()
    Path("suite.toml").write_text('title = "Mine"\n[axes]\nvocab = "1k,2k"\ncontender = "numpy"\n', encoding="utf-8")
    Path("broken.toml").write_text("title = [\n", encoding="utf-8")


@functools.cache
def _short(name: str) -> Path:
    """A results file of a few rounds, made once per process beside the directories of the inputs."""
    path = Path.cwd().parent / f"{name}.jsonl"
    lines = (RESULTS / f"{name}.jsonl").read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:20]))
    return path


@functools.cache
def verbs() -> tuple[tuple[str, ...], ...]:
    """All verbs as words: ('run',), ('baseline', 'promote')."""
    found: list[tuple[str, ...]] = [()]
    for name, command in _root().commands.items():
        found += [(name, under) for under in command.commands] if hasattr(command, "commands") else [(name,)]
    return tuple(found)


@functools.cache
def flags_of(verb: tuple[str, ...]) -> list[tuple[str, bool]]:
    """(name, whether it takes a value)."""
    command = _root()
    for word in verb:
        command = command.commands[word]
    names = [(option[2:], each) for each in command.params for option in each.opts if option.startswith("--")]
    return [(name, not each.is_flag) for name, each in names if name not in ("help", "version")]


@functools.cache
def _root():
    import typer

    from embbench.cli.verbs import app

    return typer.main.get_command(app)
