"""The passes and changes that `explain` tells are those of the rounds, or else of the contender files of today."""

import json
import re
from pathlib import Path

from msgspec import structs
from small_runs import words_of

from embbench.analysis.collapse.collapse import collapse
from embbench.cases.declared import Declared
from embbench.cli import declarations
from embbench.contenders import discover
from embbench.store.journal import read_rounds
from embbench.store.round import encode
from tests import made_up

DECLARED = Declared(semantic="dense", copies=5.0, passes=3.0, change="as it was then", packages=("torch",))


def carrying(tmp_path, declared, digest=None):
    """The sweep, saved; its lines carry `declared`, and their versions a contender's digest."""
    rounds = [
        structs.replace(
            each, declared=declared, software={**each.software, **({"contender": digest} if digest else {})}
        )
        for each in made_up.sweep()
    ]
    path = tmp_path / "carrying.jsonl"
    path.write_bytes(b"".join(map(encode, rounds)))
    return str(path)


def test_passes_and_changes_are_those_that_the_rounds_were_measured_by(cli, saved, tmp_path):
    path = carrying(tmp_path, DECLARED)
    text = words_of(cli("explain", path, "--details"))
    assert "should read or write the table of 1.02 GB 3 times a step." in text
    assert "as it was then" in text
    assert "fused=True" not in text
    assert "contender files" not in text
    told = json.loads(cli("explain", path, "--advise-only").out)
    assert (told["passes"]["derived"], told["declared"]) == (3.0, "rounds")
    assert {each["change"] for each in told["alternatives"]} == {"as it was then"}
    assert {each["declared"] for each in told["alternatives"]} == {"rounds"}


def test_of_older_rounds_it_is_said_that_today_s_files_tell_and_whether_they_are_the_same(cli, saved, tmp_path):
    digest = discover()["pytorch"].digest
    for given, source, words in (
        (digest, "same file", "come from today's contender files, which are the files of these rounds"),
        ("0123456789ab", "other file", "other files measured these rounds, so the values may be wrong"),
    ):
        path = carrying(tmp_path, None, given)
        text = words_of(cli("explain", path, "--details"))
        assert "should read or write the table of 1.02 GB 19 times a step." in text
        assert "declared passes and changes come from today's" in text
        assert words in text
        assert json.loads(cli("explain", path, "--advise-only").out)["declared"] == source


def test_of_a_contender_that_is_not_here_only_its_rounds_tell(cli, saved, tmp_path):
    for declared, source, derived in ((DECLARED, "rounds", 3.0), (None, "nothing", None)):
        rounds = [
            structs.replace(each, declared=declared, case=structs.replace(each.case, contender="gone"))
            for each in made_up.sweep()
        ]
        path = tmp_path / f"{source}.jsonl"
        path.write_bytes(b"".join(map(encode, rounds)))
        told = json.loads(cli("explain", str(path), "--advise-only").out)
        assert (told["declared"], told["passes"]["derived"]) == (source, derived)
        assert ("passes and changes are unknown" in words_of(cli("explain", str(path), "--details"))) is (
            source == "nothing"
        )


def test_rounds_of_a_contender_that_is_a_runtime_now_are_read_as_before(cli, saved, tmp_path):
    retained = structs.replace(made_up.case(), contender="pytorch_retained")
    rounds = [
        *(structs.replace(each, declared=None) for each in made_up.sweep()),
        *made_up.measured(structs.replace(retained, vocab=2_000_000), [0.5], suite="explain"),
    ]
    path = tmp_path / "former.jsonl"
    path.write_bytes(b"".join(map(encode, rounds)))
    told = json.loads(cli("explain", str(path), "--advise-only").out)
    (former,) = [each for each in told["alternatives"] if each["case"]["contender"] == "pytorch_retained"]
    assert former["case"]["runtime"] == "system", "as the line has it"
    assert former["declared"] == "other file"
    assert former["change"] == "MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=-1 in the environment, with glibc"


def test_every_file_that_a_change_of_committed_results_names_is_there():
    root = Path(__file__).parents[2]
    rounds, _ = read_rounds(sorted((root / "results").glob("*.jsonl")))
    texts = [known.change for each in collapse(rounds) if (known := declarations.declared(each)) is not None]
    named = {path for text in texts for path in re.findall(r"embbench/[\w/]+\.py", text)}
    assert {"embbench/engines/torch/tables.py", "embbench/engines/jax/steps.py"} <= named
    assert [path for path in sorted(named) if not (root / path).is_file()] == []
