"""Whether a trial has a capability: asked by attribute, also where a wrapper passes methods on."""

import pytest

from embbench.cases.capabilities import Divisible, Inspectable, Profiled, TableAlone, offers


class Divided:
    def parts(self):
        return {}


class Wrapped:
    def __init__(self, trial):
        self._trial = trial

    def __getattr__(self, name):
        return getattr(self._trial, name)


@pytest.mark.parametrize("trial", [Divided(), Wrapped(Divided()), Wrapped(Wrapped(Divided()))])
def test_a_method_that_a_wrapper_passes_on_counts(trial):
    assert offers(trial, Divisible)
    assert not any(offers(trial, other) for other in (Profiled, TableAlone, Inspectable))


def test_an_attribute_that_is_no_method_does_not_count():
    class Odd:
        parts = None

    assert not offers(Odd(), Divisible)
    assert not offers(object(), Divisible)
