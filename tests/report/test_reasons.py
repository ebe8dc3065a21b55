"""Every reason of a verdict has its words."""

from typing import get_args

from embbench.analysis.compare.comparison import Reason
from embbench.report.reasons import REASONS


def test_every_reason_has_words():
    assert set(REASONS) == set(get_args(Reason))
