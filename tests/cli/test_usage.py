"""Every mistake is one clear line on stderr, with its exit code, before anything is measured."""

import os
import subprocess
from pathlib import Path

import pytest
from small_runs import CASES, PLAIN, SMALL

from embbench.store.round import encode
from tests.made_up import scaling

LONG = "n" * 300
MISTAKES = [
    (["gate", "--name", "a\ud800"], "'a\\ud800': \\ud800 is half a character; leave it out"),
    (["ab", "--base-python", "\udfff"], "\\udfff is half a character"),
    (["run", "--vocab", "0"], "vocab: 0 is out of range; give 1 or more"),
    (["run", "--vocab=-5"], "vocab: '-5' is not a count"),
    (["run", "--vocab", "2x"], "vocab: '2x' is not a count; write a whole number such as 512, 200k, 2M"),
    (["run", "--vocab", "1,048,576"], "'1,048,576' could be 1048576 rows, or the list 1, 48 and 576"),
    (["plan", "--vocab", "2,000,000"], "could be 2000000 rows, or the list 2, 0 and 0: write 2000000 (or 2_000_000)"),
    (["run", "--vocab", "1", "--vocab", "048,576"], "'048,576' could be"),
    (["run", "--vocab", "2.000.000"], "write it without separators, 2000000"),
    (["run", "--batch", "8,192"], "batch: '8,192' could be 8192, or the list 8 and 192"),
    (["run", "--suite", "commas.toml"], "suite commas.toml: vocab: '1,048,576' could be"),
    (["run", "--filter", "vocab>=1,000,000"], "--filter: a comma separates entries: write 1,000,000 as 1000000"),
    (["run", "--reference", "vocab=1,000"], "--reference: a comma separates entries: write 1,000 as 1000"),
    (["run", "--dtype", "Float32"], "dtype: unknown value 'Float32': did you mean 'float32'?"),
    (["run", "--device", "CPU"], "device: unknown value 'CPU': did you mean 'cpu'?"),
    (["run", "--table", "FROZEN"], "table: unknown value 'FROZEN': did you mean 'frozen'?"),
    (["run", "--vocab", "NaN"], "vocab: 'NaN' is not a count"),
    (["run", "--vocab", "1k:9k"], "vocab: '1k:9k' is no range; write start:stop:xFACTOR"),
    (["run", "--vocab", ""], "vocab: empty value"),
    (["run", "--batch", "0"], "batch: 0 is out of range"),
    (["run", "--device", "cdua"], "device: unknown value 'cdua': did you mean 'cuda'? valid: cpu, cuda"),
    (["run", "--contender", "pytorh"], "contender: unknown contender 'pytorh': did you mean 'pytorch'?"),
    (["run", "--contender", "pytorch_retained"], "pytorch_retained is now --contender pytorch --runtime retained"),
    (
        ["selftest", "--audit", "--contender", "pytorch_retained"],
        "--contender: pytorch_retained is now --contender pytorch --runtime retained",
    ),
    (["run", "--contender", "none"], "contender: unknown contender 'none'"),
    (["run", "--contender", "./gone.py"], "contender gone.py: No such file or directory; name an existing file"),
    (["doctor", "--contender", "gone.py"], "contender gone.py: No such file or directory; name an existing file"),
    (["import", "gone.json", "--out", "r.jsonl"], "gone.json: No such file or directory; name an existing file"),
    (["run", "--contender", "./empty.txt"], "contender ./empty.txt: a contender file ends in .py"),
    (["list", "--contender", "empty.txt"], "contender empty.txt: a contender file ends in .py"),
    (["selftest", "--audit", "--contender", "empty.txt"], "contender empty.txt: a contender file ends in .py"),
    (["run", "--suite", "./empty.txt"], "suite ./empty.txt: a suite file ends in .toml"),
    (["run", "--within", "soon"], "write for example 240, 90s, 4m or 1.5h. See embbench run --help"),
    (["run", "--update", "spars"], "update: unknown update 'spars': did you mean 'sparse'?"),
    (["run", "--suite", "embeding-scaling"], "unknown suite 'embeding-scaling': did you mean 'embedding-scaling'?"),
    (["run", "--suite", "gone.toml"], "suite gone.toml: No such file or directory; name an existing file, or"),
    (["run", "--preset", "fast"], "unknown preset 'fast'"),
    (["run", "--rounds", "0"], "rounds: 0 is too few"),
    (["run", "--rounds", "two"], "Invalid value for '--rounds'"),
    (
        ["run", "--rounds", "1,000"],
        "Invalid value for '--rounds': '1,000' is not a count: write it without separators, ",
    ),
    (
        ["plan", "--budget", "1,000"],
        "Invalid value for '--budget': '1,000' is not a number: write it without separators",
    ),
    (["run", "--timeout", "1,000"], "write it without separators, 1000, or with underscores, 1_000, or for a fraction"),
    (["selftest", "--comparisons", "1,000"], "Invalid value for '--comparisons': '1,000' is not a count: write it w"),
    (["selftest", "--budget", "1,000"], "Invalid value for '--budget': '1,000' is not a number: write it without"),
    (["gate", "--budget", "1’000"], "Invalid value for '--budget': '1’000' is not a number: write it without"),
    (["doctor", "--threads", "1,000"], "Invalid value for '--threads': '1,000' is not a count: write it without"),
    (["run", "--rounds", "1.5"], "'1.5' is not a whole number"),
    (["plan", "--vocab", "12,34,567"], "vocab: '12,34,567' could be 1234567 rows, or the list 12, 34 and 567"),
    (["plan", "--suite", "india.toml"], "suite india.toml: vocab: '12,34,567' could be 1234567 rows"),
    (["run", "--budget", "nan"], "budget: nan is not a time in seconds above 0"),
    (["run", "--timeout", "-1"], "timeout: -1.0 is not a time in seconds above 0"),
    (["run", "--metric", "step_tim"], "unknown metric 'step_tim': did you mean 'step_time', "),
    (["run", "--metric", "zzz"], "--metric: unknown metric 'zzz': `embbench list metrics` shows all\n"),
    (["ab", "--head-update", "fused", "--metric", "zzz"], "unknown metric 'zzz': `embbench list metrics` shows all\n"),
    (["run", "--col", "tabel"], "--col: unknown axis 'tabel': did you mean 'table'?"),
    (["run", "--row", "vocab", "--col", "vocab"], "--row and --col: vocab is in both"),
    (["run", "--filter", "vocab>>3"], "--filter: vocab: '>3' is not a count"),
    (["run", "--filter", "table=frosen"], "--filter: unknown table 'frosen': did you mean 'frozen'?"),
    (["run", "--reference", "table=hybrid"], "--reference: unknown table 'hybrid'"),
    (["run", "--format", "xml"], "--format: unknown format 'xml'"),
    (["run", "--tokens", "corpus:gone.txt"], "corpus gone.txt: No such file or directory"),
    (["run", "--tokens", "corpus:empty.txt"], "corpus empty.txt: the file has no words"),
    (["run", "--tokens", "corpus:latin.txt"], "corpus latin.txt: not UTF-8 at byte 1"),
    (["run", "--tokens", "corpus:pipe"], "corpus pipe: is a pipe"),
    (["plan", "--tokens", "texts:pipe"], "texts pipe: is a pipe"),
    (["run", "--tokens", "ids:/dev/zero"], "ids /dev/zero: is a device"),
    (["run", "--tokens", "corpus:."], "corpus .: is a directory"),
    (["run", "--tokens", "ids:latin.txt"], "ids latin.txt: line 1: 'a\\xe9b' is no id"),
    (["plan", "--suite", "pipe.toml"], "suite pipe.toml: is a pipe, which cannot be read twice"),
    (["plan", "--suite", "zero.toml"], "suite zero.toml: is a device, which cannot be read twice"),
    (["plan", "--contender", "./pipe.py"], "contender pipe.py: is a pipe, which cannot be read twice"),
    (["plan", "--contender", "./zero.py"], "contender zero.py: is a device, which cannot be read twice"),
    (["report", "/dev/zero"], "/dev/zero: cannot be read: is a device, which cannot be read to its end"),
    (["import", "/dev/zero", "--out", "r.jsonl"], "/dev/zero: is a device, which cannot be read to its end"),
    (["run", "--out", "pipe"], "pipe: is a pipe; name a file: --out FILE"),
    (["run", "--out", "/dev/null"], "/dev/null: is a device; name a file: --out FILE"),
    (["run", "--tokens", "corpus#0123456789abcdef"], "names a content without a file; name the file: corpus:FILE"),
    (["run", "--tokens", "zipf:-1"], "tokens: zipf needs an exponent above 0"),
    (["run", "--vocab", "1:500:+1", "--dim", "1:100:+1"], "250000 cases are more than 10000"),
    (["plan", *(f"--{axis}=1:1000:+1" for axis in ("vocab", "dim", "hidden", "batch"))], "cases are more than 10000"),
    (["run", "--vocb", "1"], "No such option: --vocb"),
    (["run", "--out", LONG], f"{LONG}: cannot make its directory: File name too long"),
    (["run", "--fresh", "--out", LONG], f"{LONG}: File name too long"),
    (["run", "--suite", LONG], "unknown suite 'nnn"),
    (["run", "--suite", f"{LONG}.toml"], ".toml: File name too long"),
    (["run", "--contender", f"{LONG}.py"], ".py: File name too long"),
    (["run", "--tokens", f"corpus:{LONG}"], "File name too long"),
    (["plan", "--batch", "0"], "batch: 0 is out of range"),
    (["plan", "--format", "csv"], "--format: unknown format 'csv'"),
    (["list", "suits"], "unknown list 'suits': did you mean 'suites'?"),
    (["doctor", "--format", "yaml"], "--format: unknown format 'yaml'"),
    (["plan", "--suite", ""], "--suite: the name is empty; give a name, or leave the flag out"),
    (["plan", "--suite="], "--suite: the name is empty"),
    (["run", "--out", ""], "--out: the name is empty"),
    (["run", "--page", ""], "--page: the name is empty"),
    (["report", "--output", "", "r.jsonl"], "--output: the name is empty"),
    (["gate", "--baseline", "", "--candidate", ""], "--baseline: the name is empty"),
    (["baseline", "promote", "empty.txt", "--directory="], "--directory: the name is empty"),
    (["report", ""], "an argument is empty; give the name of a file"),
    (["report", "--", ""], "an argument is empty"),
    (["compare", "empty.txt", ""], "an argument is empty"),
    (["rum"], "No such command 'rum'"),
]


@pytest.fixture(autouse=True)
def corpora(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "latin.txt").write_bytes(b"a\xe9b")
    (tmp_path / "commas.toml").write_text('[axes]\nvocab = "1,048,576"\n')
    (tmp_path / "india.toml").write_text('[axes]\nvocab = "12,34,567"\n')
    for name in ("pipe", "pipe.toml", "pipe.py"):
        os.mkfifo(tmp_path / name)
    for name in ("zero.toml", "zero.py"):
        (tmp_path / name).symlink_to("/dev/zero")


@pytest.mark.parametrize(("arguments", "text"), MISTAKES, ids=[" ".join(each)[:60] for each, _ in MISTAKES])
def test_a_mistake_is_one_line_and_leaves_nothing(cli, tmp_path, arguments, text):
    ran = cli(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("embbench: ")
    assert text in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("[axes]\nvocabb = 3", "suite mine.toml: axes: unknown axis 'vocabb': did you mean 'vocab'?"),
        ("[axes\n", "suite mine.toml: not valid TOML"),
        ("[axes]\nupdate = 'spars'\ntable = 'trainable'", "suite mine.toml: update: unknown update 'spars': did"),
        (
            "[axes]\ncontender = 'pytorck'",
            "suite mine.toml: contender: unknown contender 'pytorck': did you mean 'pytorch'?",
        ),
        (
            "[report]\nmetric = 'steptime'",
            "suite mine.toml: report.metric: unknown metric 'steptime': did you mean 'step_time', 'first_step_time' or "
            "'table_time'? `embbench list metrics` shows all\n",
        ),
        ("[protocol]\nrounds = 0", "suite mine.toml: protocol: rounds: 0 is too few"),
        ("[protocol]\nround = 3", "protocol: unknown key 'round': did you mean 'rounds'?"),
    ],
)
def test_a_suite_with_a_typing_error(cli, tmp_path, content, text):
    (tmp_path / "mine.toml").write_text(content)
    ran = cli("run", "--suite", "mine.toml")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert text in ran.err


@pytest.mark.parametrize(
    ("out", "text"),
    [
        ("/proc/nowhere/r.jsonl", "cannot make its directory"),
        ("file/r.jsonl", "cannot make its directory"),
        (".", "is a directory; name a file in it"),
        ("empty.txt/r.jsonl", "cannot make its directory"),
        ("foreign.jsonl", "foreign.jsonl line 1: schema 7, this embbench reads 1"),
    ],
)
def test_results_that_cannot_be_written(cli, tmp_path, out, text):
    (tmp_path / "file").touch()
    (tmp_path / "foreign.jsonl").write_text('{"schema":7}\n')
    ran = cli("run", *CASES, "--out", out)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert text in ran.err


def test_a_file_in_place_of_the_results_directory(cli, tmp_path):
    (tmp_path / "results").touch()
    ran = cli("run", *CASES)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "results/local" in ran.err


def test_a_flipped_byte_stops_before_measuring(cli, tmp_path):
    assert cli("run", *CASES, "--out", "r.jsonl").code == 0
    data = bytearray((tmp_path / "r.jsonl").read_bytes())
    data[100] ^= 1
    (tmp_path / "r.jsonl").write_bytes(data)
    ran = cli("run", *CASES, "--out", "r.jsonl", "--rounds", "3")
    assert ran.code == 2
    assert "r.jsonl line 1" in ran.err
    assert (tmp_path / "r.jsonl").read_bytes() == data


def test_two_contenders_of_one_name(cli, tmp_path):
    (tmp_path / "pytorch.py").write_text(Path(PLAIN).read_text())
    ran = cli("run", "--contender", "./pytorch.py")
    assert ran.code == 2
    assert "rename the file" in ran.err


def test_the_same_flag_twice_is_a_list(cli):
    ran = cli("plan", *SMALL, "--vocab", "1k", "--vocab", "2k")
    assert "vocab=1k" in ran.out
    assert "vocab=2k" in ran.out


def test_results_may_come_through_a_pipe(cli, tmp_path):
    (tmp_path / "r.jsonl").write_bytes(b"".join(map(encode, scaling())))
    wanted = cli("report", "r.jsonl", "--format", "csv")
    with subprocess.Popen(["cat", "r.jsonl"], stdout=subprocess.PIPE) as through:
        assert cli("report", f"/dev/fd/{through.stdout.fileno()}", "--format", "csv") == wanted
    assert wanted.code == 0


@pytest.mark.parametrize("reference", [["--reference", ""], ["--reference="]])
def test_no_reference_is_an_empty_one(cli, tmp_path, reference):
    (tmp_path / "r.jsonl").write_bytes(b"".join(map(encode, scaling())))
    assert cli("report", "r.jsonl", *reference).code == 0
