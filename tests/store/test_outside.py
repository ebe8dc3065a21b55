"""What other processes and files say is plain before anything shows it, and is untouched where it is plain already."""

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embbench.cases.case import Case
from embbench.plain import has_orders
from embbench.store.outside import LONGEST, admit
from embbench.store.round import Audit, Round, Values, Warning_, decode, encode

TEXTS = st.text(st.characters()) | st.sampled_from(["\x1b[2J", "a\nb", "\u202e", "caf\udce9", "\x9b31m", "a  b"])


def texts(value):
    """All texts in a value of builtins, names too."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for each in pair for text in texts(each)]
    return [text for each in value for text in texts(each)] if isinstance(value, list | tuple) else []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, TEXTS, TEXTS)
def test_a_round_comes_in_plain_and_its_numbers_as_they_were(make_round, one, two, three):
    round_ = make_round(
        Case(contender=one, update=two, tokens=three), run=one, suite=two, reason=three, started=one, launch=two,
        metrics={one: Values(two, three, one, (1.5, 2.5))}, audit=Audit(one, True, 1e-7, 3, two),
        ran={one: [two, {three: one}], "threads": 2}, warnings=(Warning_(one, two),), conditions={one: 1.0},
        machine={two: three, "devices": (one, two)}, software={three: one},
    )  # fmt: skip
    back = admit(decode(encode(round_), "here"))
    assert not any(map(has_orders, texts(msgspec.to_builtins(back))))
    assert [values.values for values in back.metrics.values()] == [(1.5, 2.5)]
    assert back.ran["threads"] == 2 if not has_orders(one) else True
    assert admit(back) is back
    if not any(map(has_orders, (one, two, three))):
        assert (back.case, back.reason, back.software) == (round_.case, three, {three: one})


def test_a_plain_round_is_the_same_object(make_round):
    round_: Round = make_round(reason="two  spaces, caf\udce9, ✓")
    assert admit(round_) is round_


def test_texts_of_another_process_have_an_end(make_round):
    long, path = "x" * 1_000_000, f"/{'p' * 4095}"
    round_ = make_round(reason=long, warnings=(Warning_(path, long),), ran={"lstm": long, path: path})
    told = admit(round_, LONGEST)
    cut = f"{'x' * LONGEST}... (1000000 characters)"
    assert (told.reason, told.warnings) == (cut, (Warning_(path, cut),))
    assert told.ran == {"lstm": cut, path: path}
    assert admit(round_).reason == long
