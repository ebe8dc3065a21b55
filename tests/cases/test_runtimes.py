"""The table of runtimes, and the axis that it is."""

import pytest

from embbench.cases.axes import parse_axis
from embbench.cases.case import OPTIMIZERS, Case, case_id, make_case
from embbench.cases.declared import declare
from embbench.cases.runtimes import RUNTIMES, SYSTEM, Runtime
from embbench.contenders import discover
from embbench.errors import UsageError

RETAINED = "MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=-1 in the environment, with glibc"


def test_a_line_without_a_runtime_is_the_systems_and_keeps_its_id():
    assert Case().runtime == SYSTEM
    assert case_id(make_case({"runtime": SYSTEM})) == "44136fa355"
    assert len({case_id(make_case({"runtime": name})) for name in RUNTIMES}) == len(RUNTIMES)


def test_an_unknown_runtime_is_named():
    assert parse_axis("runtime", "system,retained") == ("system", "retained")
    with pytest.raises(UsageError, match="runtime: unknown value 'retaind': did you mean 'retained'"):
        make_case({"runtime": "retaind"})


def test_the_systems_own_sets_and_needs_nothing():
    assert RUNTIMES[SYSTEM] == Runtime(summary=RUNTIMES[SYSTEM].summary)


@pytest.mark.parametrize(
    ("runtime", "change"),
    [
        (Runtime(summary="s"), ""),
        (Runtime(summary="s", variables={"A": "1"}), "A=1 in the environment"),
        (RUNTIMES["retained"], RETAINED),
        (
            RUNTIMES["hugepages"],
            "GLIBC_TUNABLES=glibc.malloc.hugetlb=1 in the environment, with glibc 2.35 or later",
        ),
    ],
)
def test_what_a_user_changes(runtime, change):
    assert runtime.change == change


def test_the_environment_without_it():
    told = {"MALLOC_MMAP_MAX_": "0", "MALLOC_ARENA_MAX": "1"}
    assert RUNTIMES["retained"].without(told) == {"MALLOC_ARENA_MAX": "1"}
    assert RUNTIMES[SYSTEM].without(told) == told


def test_a_change_names_the_class_of_the_cases_optimizer():
    declaration = discover()["pytorch"].declaration
    changes = {
        (update, name): declare(declaration, Case(update=update, optimizer=name)).change
        for update, name in (("fused", "adamw"), ("fused", "adagrad"), ("sparse", "adam"), ("sparse", "sgd"))
    }
    assert changes["fused", "adamw"] == "torch.optim.AdamW(model.parameters(), fused=True)"
    assert "torch.optim.Adagrad(" in changes["fused", "adagrad"]
    assert "torch.optim.SparseAdam(" in changes["sparse", "adam"]
    assert "torch.optim.SGD(" in changes["sparse", "sgd"]
    assert not any("{" in each.change for each in declared_by_all())


def declared_by_all():
    """Every case that every built-in contender declares."""
    for contender in discover().values():
        for update in contender.declaration.updates:
            for optimizer in OPTIMIZERS:
                if (known := declare(contender.declaration, Case(update=update, optimizer=optimizer))) is not None:
                    yield known


def test_a_round_carries_the_change_of_update_and_runtime():
    declaration = discover()["pytorch"].declaration

    def change(**axes):
        return declare(declaration, Case(**axes)).change

    fused = change(update="fused")
    assert fused
    assert change(runtime="retained") == RETAINED
    assert change(update="fused", runtime="retained") == f"{fused}; and {RETAINED}"
    assert change(update="fused", runtime="of another version") == fused
