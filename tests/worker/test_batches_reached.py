"""Which batches have moved rows of the table."""

import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.cases.streams import Tokens
from embbench.cases.workload import initial_rows
from embbench.worker.audit import Findings
from embbench.worker.batches_reached import all_reached, own_rows

CASE = make_case({"contender": "fake", "vocab": 300, "dim": 4, "batch": 2, "seq": 3})
IDS = np.arange(16 * 6).reshape(16, 2, 3)  # no row is in two batches


class Table:
    def __init__(self, moved):
        self.rows = initial_rows(CASE, np.arange(CASE.vocab))
        self.rows[moved] += 1e-3

    def read_rows(self, ids):
        return self.rows[ids]


def finding(batches, steps, ids=IDS, semantic="dense"):
    """What is found of a table whose rows of the given batches have moved."""
    findings = Findings(semantic, "float32")
    all_reached(CASE, Tokens(ids, ids[..., 0]), Table(np.unique(ids[batches])), steps, findings)
    return findings.difference


def test_all_batches_have_moved_rows():
    assert finding(range(16), 16) is None


def test_batches_that_were_not_due_yet_need_not():
    assert finding(range(5), 5) is None


@pytest.mark.parametrize("used", [4, 8])
def test_few_batches_again_and_again_are_found(used):
    assert f"{16 - used} of 16 batches" in finding(range(used), 1000)


def test_every_second_batch_alone_is_found():
    assert "8 of 16 batches" in finding(range(0, 16, 2), 1000)


def test_single_batches_whose_gradient_was_rounded_away_are_not():
    assert finding([*range(3), *range(5, 16)], 1000) is None


def test_a_frozen_table_and_one_whose_rows_all_batches_share_tell_nothing():
    assert finding([0], 1000, semantic="frozen") is None
    assert finding([0], 1000, ids=np.zeros_like(IDS)) is None


def test_rows_of_a_batch_are_late_and_its_own():
    ids = np.array([[[1, 2, 3, 4, 5, 6]], [[6, 5, 9, 8, 7, 1]]])
    assert own_rows(ids, 0).tolist() == [3, 4]
    assert own_rows(ids, 1).tolist() == [7, 8, 9]
