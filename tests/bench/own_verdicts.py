"""What `explain --model` says of each model of `tests/own_models`, at the rows that such a model has.

`python -m tests.bench.own_verdicts [SECONDS] [NAME ...]` prints the verdict, the class of each table, and the changes
with the same training, with the seconds of each command. SECONDS: of rounds, 60 by default.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from tests import own_models

EMBBENCH = str(Path(sys.executable).parent / "embbench")
FOLDER = Path(own_models.__file__).parent
ROWS = {
    "word_language_model:build": 33_000,
    "word_language_model:build_tied": 33_000,
    "awd_lstm:build": 33_000,
    "bilstm_crf:build": 20_000,
    "torchmoji:build": 50_000,
    "torchmoji:build_penalty": 50_000,
    "word2vec:build": 200_000,
    "ncf:build": 140_000,
    "nanogpt:build": 50_000,
    "keras_imdb:build": 20_000,
    "keras_imdb:build_glove": 200_000,
    "jax_loop:build": 200_000,
}


def main() -> None:
    seconds, *names = sys.argv[1:] or ["60"]
    for name, rows in ROWS.items():
        if names and name not in names:
            continue
        begin = time.monotonic()
        file, _, function = name.partition(":")
        command = ["explain", "--model", f"{FOLDER / file}.py:{function}", "--vocab", str(rows), "--format", "json"]
        ran = subprocess.run([EMBBENCH, *command, "--within", f"{seconds}s"], capture_output=True, text=True)
        print(f"{name} at {rows} rows, {time.monotonic() - begin:.0f} s, exit code {ran.returncode}")
        if ran.returncode:
            print(f"  {ran.stderr.strip().splitlines()[-1]}", flush=True)
            continue
        show(json.loads(ran.stdout))


def show(data: dict) -> None:
    print(f"  {data['verdict']}")
    classes = [f"{each['name']} is {each['class']}" for each in data["tables"]]
    print(f"  {', '.join(classes)}")
    for each in data["alternatives"]:
        ratio = each["times_as_long"]
        if each["training"] == "same" and ratio is not None:
            bounds = "" if ratio["low"] is None else f" ({ratio['low']:.2f} to {ratio['high']:.2f})"
            print(f"  same training: {each['name']} {ratio['center']:.2f}{bounds}", flush=True)


if __name__ == "__main__":
    main()
