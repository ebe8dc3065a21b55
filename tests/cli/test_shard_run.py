"""`run --shard`: parts of a plan, whose files `cat` merges."""

from small_runs import CASES

from embbench.cases.case import case_id
from embbench.store.journal import read_rounds


def test_parts_are_measured_apart_and_merged_by_cat(cli, tmp_path):
    for number in (1, 2):
        ran = cli("run", *CASES, "--shard", f"{number}/2", "--out", f"part{number}.jsonl")
        assert ran.code == 0
    one, two = (read_rounds([tmp_path / f"part{number}.jsonl"])[0] for number in (1, 2))
    assert sorted({each.case.vocab for each in one} | {each.case.vocab for each in two}) == [1000, 2000]
    assert not {case_id(each.case) for each in one} & {case_id(each.case) for each in two}
    merged = (tmp_path / "part1.jsonl").read_bytes() + (tmp_path / "part2.jsonl").read_bytes()
    (tmp_path / "whole.jsonl").write_bytes(merged)
    ran = cli("run", *CASES, "--out", "whole.jsonl")
    assert (ran.code, "nothing was run" in ran.err) == (0, True)
    assert "2k" in ran.out


def test_cases_of_a_ratio_that_the_command_names_stay_together(cli, tmp_path):
    ran = cli("run", *CASES, "--reference", "vocab=1000", "--shard", "1/2")
    assert (ran.code, "2 parts are too many" in ran.err) == (2, True)


def test_a_part_has_a_results_file_of_its_own(cli, tmp_path):
    for number in (1, 2):
        assert cli("run", *CASES, "--shard", f"{number}/2").code == 0
    assert len(list((tmp_path / "results" / "local").glob("*.jsonl"))) == 2


def test_a_part_that_does_not_exist_is_refused_before_anything_is_measured(cli, tmp_path):
    for text, reason in (("3/2", "--shard: 3/2 does not exist"), ("1/3", "3 parts are too many")):
        ran = cli("run", *CASES, "--shard", text)
        assert (ran.code, ran.out, reason in ran.err) == (2, "", True)
    assert not (tmp_path / "results").exists()
