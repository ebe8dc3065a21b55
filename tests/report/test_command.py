"""Commands that are told can be typed as they stand."""

import shlex

import pytest

from embbench.cases.axes import parse_axis
from embbench.report.command import command, flags
from tests.made_up import case


def values(text, axis):
    words = shlex.split(text)
    return parse_axis(axis, [words[at + 1] for at, word in enumerate(words) if word == f"--{axis}"])


@pytest.mark.parametrize("asked", [[20_000, 50_000, 200_000], [100, 250, 500, 1000], [1, 234, 567], [7, 70, 700]])
def test_lists_of_rows_are_read_back(asked):
    assert values(command(case(), vocab=asked), "vocab") == tuple(asked)


@pytest.mark.parametrize("asked", [[32, 128, 256], [16, 384], [8, 192], [75, 300, 600]])
def test_lists_of_columns_are_read_back(asked):
    assert values(command(case(), dim=asked), "dim") == tuple(asked)


def test_a_content_is_told_with_the_place_of_its_file():
    told = case(tokens="texts:left#0123456789abcdef")
    assert "--tokens texts:left:FILE#0123456789abcdef" in flags(told)
    assert "--tokens texts:left:FILE#0123456789abcdef" in command(told)
    assert "--tokens corpus:old.txt#01234567" in command(case(tokens="corpus:old.txt#01234567"))


def test_a_former_contender_gets_the_name_of_today():
    former = case(contender="pytorch_hugepages")
    wanted = "--contender pytorch --table trainable --update default --runtime hugepages"
    assert command(former).startswith(f"embbench run {wanted} ")
    assert flags(former).startswith("--runtime hugepages")
