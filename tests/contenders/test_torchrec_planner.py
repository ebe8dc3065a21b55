"""TorchRec's own planner, asked for tables that fit into no memory here."""

import pytest

from embbench.cases.case import make_case
from embbench.contenders import discover, missing_packages
from embbench.launch.planner import ask_planner
from embbench.launch.preflight import how_to_install

ROWS, DIM = 1_000_000_000, 128
TORCHREC = discover()["torchrec"]


def case(ranks, **axes):
    named = {"contender": "torchrec", "table": "trainable", "vocab": ROWS, "batch": 512, "ranks": ranks}
    return make_case({**named, **axes})


@pytest.fixture(scope="module")
def asked():
    """Its bytes, by optimizer and ranks, and its seconds at two rates of the link."""
    if missing := missing_packages(TORCHREC):
        pytest.skip(how_to_install(missing))
    cases = [
        case(8, optimizer="adagrad"),
        case(64, optimizer="adagrad"),
        case(64, optimizer="sgd"),
        case(64, optimizer="adagrad", update="rowwise"),
    ]
    found = {link: ask_planner(TORCHREC, cases, 20e9, link) for link in (1e9, 10e9)}
    assert all(each.planned for answers in found.values() for each in answers), found
    return {link: [each.planned for each in answers] for link, answers in found.items()}


def test_a_rank_holds_its_rows_and_their_state(asked):
    table = ROWS * DIM * 4
    wanted = [2 * table / 8, 2 * table / 64, table / 64, (table + ROWS * 4) / 64]
    assert [each.bytes for each in asked[1e9]] == pytest.approx(wanted, rel=0.001)


def test_a_faster_link_makes_the_exchange_shorter(asked):
    for slow, fast in zip(asked[1e9], asked[10e9], strict=True):
        assert slow.bytes == fast.bytes
        assert 1 < slow.seconds / fast.seconds < 10  # memory takes its part as before
