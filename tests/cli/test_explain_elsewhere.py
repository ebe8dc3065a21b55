"""The verbs that read results find rounds of a former contender by its old name and by today's names."""

import json
import shlex

import pytest
from msgspec import structs

from embbench.analysis.collapse.collapse import collapse
from embbench.cases.case import case_id
from embbench.report.caption import machines
from embbench.store.round import encode
from tests import made_up


@pytest.fixture
def former(tmp_path):
    """The sweep, and two sizes of a contender that is a runtime of pytorch now."""
    rounds = made_up.sweep()
    for vocab, seconds in ((500_000, 0.11), (2_000_000, 0.4)):
        case = structs.replace(made_up.case(update="fused", vocab=vocab), contender="pytorch_retained")
        rounds += made_up.measured(case, [seconds], suite="explain", case_id=case_id(case))
    path = tmp_path / "former.jsonl"
    path.write_bytes(b"".join(map(encode, rounds)))
    return str(path)


NAMES = [
    ["--contender", "pytorch_retained"],
    ["--contender", "pytorch", "--runtime", "retained"],
    ["--runtime", "retained"],
]


@pytest.mark.parametrize("flags", NAMES)
def test_explain_and_predict_find_it_by_both_names(cli, former, flags):
    told = json.loads(cli("explain", former, *flags, "--format", "json").out)
    assert (told["case"]["contender"], told["case"]["vocab"]) == ("pytorch_retained", 2_000_000)
    predicted = json.loads(cli("predict", former, "--vocab", "1M", *flags, "--format", "json").out)
    assert [each["case"]["contender"] for each in predicted["predictions"]] == ["pytorch_retained"]


@pytest.mark.parametrize("flags", NAMES)
def test_report_and_compare_find_it_by_both_names(cli, former, tmp_path, flags):
    conditions = ",".join(f"{flag.removeprefix('--')}={value}" for flag, value in zip(*[iter(flags)] * 2, strict=True))
    told = json.loads(cli("report", former, "--filter", conditions, "--format", "json").out)
    assert {each["contender"] for each in told["records"]} == {"pytorch_retained"}
    assert {each["vocab"] for each in told["records"]} == {500_000, 2_000_000}
    other = tmp_path / "other.jsonl"
    other.write_bytes((tmp_path / "former.jsonl").read_bytes())
    told = json.loads(cli("compare", former, str(other), "--filter", conditions, "--format", "json").out)
    assert {each["name"].split()[0] for each in told["comparisons"]} == {"pytorch_retained"}


def test_a_filter_chooses_the_machine(cli, tmp_path):
    other = {**made_up.MACHINE, "cpu": "Another CPU", "fingerprint": "ffffffff"}
    rounds = [*made_up.sweep(), *made_up.measured(made_up.case(vocab=1_000), [0.001], machine=other)]
    path = tmp_path / "both.jsonl"
    path.write_bytes(b"".join(map(encode, rounds)))
    name = next(iter(machines([collapse(rounds[-1:])[0]])))
    told = cli("explain", str(path), "--filter", f"machine={name}", "--format", "json")
    assert json.loads(told.out)["case"]["vocab"] == 1_000
    told = cli("explain", str(path), "--filter", f"machine={name},vocab=2M")
    assert (told.code, told.out) == (5, "")
    assert cli("explain", "--filter", f"machine={name}").code == 2


def test_the_system_and_another_runtime_leave_it_out(cli, former):
    told = cli("explain", former, "--runtime", "system", "--update", "fused", "--format", "json")
    assert json.loads(told.out)["case"]["contender"] == "pytorch"
    told = cli("explain", former, "--contender", "pytorch", "--runtime", "hugepages")
    assert (told.code, told.out) == (5, "")
    assert "no result has runtime hugepages; the results have system, retained" in told.err
    told = cli("report", former, "--filter", "runtime=retained,vocab=3M")
    assert told.code == 5
    assert "the results have runtime system, retained; vocab 200k, 500k, 1M, 1.5M, 2M" in told.err


def test_a_contender_without_a_runtime_has_the_name_of_its_rounds(cli, former):
    told = json.loads(cli("report", former, "--filter", "contender=pytorch", "--format", "json").out)
    assert {each["contender"] for each in told["records"]} == {"pytorch"}


def test_commands_for_it_are_accepted(cli, former):
    """Each command to measure what lacks goes to `plan`, which takes the flags of `run`."""
    told = json.loads(cli("explain", former, *NAMES[1], "--format", "json").out)
    commands = [each["command"].partition(", ")[0] for each in told["missing"] if "embbench run" in each["command"]]
    assert commands
    for each in commands:
        told = cli("plan", *shlex.split(each)[2:])
        assert told.code in (0, 5), each  # 5: the case does not fit into this machine
        assert " retained adam vocab=" in told.out
