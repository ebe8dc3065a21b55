"""Suites and plans: what ships, what a typo says, what the command line overrides."""

import msgspec
import pytest

from embbench.cases.plan import make_plan
from embbench.cases.suite import expand, load_suite, suite_names
from embbench.cases.training_task import in_small
from embbench.errors import UsageError

HUGE = "[axes]\n" + "\n".join(f"{axis} = '1:1000:+1'" for axis in ("vocab", "dim", "hidden", "batch"))


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_the_default_suite_is_the_question():
    cases = load_suite("embedding-scaling").blocks
    plan = make_plan(load_suite("embedding-scaling"), {}, {}).resolve(2)
    assert len(cases) == 2
    told = {(case.table, case.update, case.vocab) for case in plan.cases}
    updates = [("frozen", "none")] + [("trainable", update) for update in ("default", "fused", "sparse", "compact")]
    assert told == {(*update, vocab) for update in updates for vocab in (200_000, 2_000_000)}
    assert {case.threads for case in plan.cases} == {2}


def test_what_is_trained_in_small_is_trained_once():
    """The sizes of a case are not those that it is trained with."""
    plan = make_plan(load_suite("explain"), {}, {}).resolve(2)
    trained = {(case.update, case.vocab) for case, told in plan.protocols(plan.cases).items() if told.training}
    assert trained == {(update, 2_000_000) for update in ("default", "none", "fused", "sparse", "compact")}
    plain = make_plan(load_suite("explain"), {}, {"training": False}).resolve(2)
    assert not any(told.training for told in plain.protocols(plain.cases).values())
    assert plan.protocols(plan.cases)[plan.cases[0]].phases
    smaller = [case for case in plan.cases if case.vocab < 2_000_000]
    told = plan.protocols(smaller)
    trained = [case.vocab for case in smaller if told[case].training]
    assert trained == [500_000], "where the largest does not fit"


def test_only_the_steps_that_a_plan_names_are_taken_apart():
    plan = make_plan(load_suite("explain"), {}, {}).resolve(2)
    few = msgspec.structs.replace(plan, apart=plan.cases[:2])
    assert [case for case, told in few.protocols(few.cases).items() if told.phases] == list(plan.cases[:2])


@pytest.mark.parametrize("name", suite_names())
def test_every_suite_that_ships_loads(name):
    assert make_plan(load_suite(name), {}, {}).resolve(1).cases


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[axs]", "unknown key 'axs': did you mean 'axes'"),
        ("[axes]\nvocb = 5", "axes: unknown axis 'vocb': did you mean 'vocab'"),
        ("[axes]\nvocab = []", "axes.vocab: empty axis"),
        ("[axes]\nvocab = 1.5", "axes.vocab: 1.5 has the wrong type"),
        ("[axes]\nvocab = '2x'", "vocab: '2x' is not a count"),
        ("[axes]\noptimizer = 'adm'", "did you mean 'adam'"),
        ("axes = 3", "axes: write it as a table"),
        ("cases = []", "[[cases]]"),
        ("[[cases]]\nupdte = 'x'", "cases[0]: unknown axis 'updte'"),
        ("[protocol]\nround = 3", "protocol: unknown key 'round': did you mean 'rounds'"),
        ("[protocol]\nrounds = 'x'", "protocol: Expected `int`"),
        ("[protocol]\npreset = 'fast'", "unknown preset 'fast'"),
        ("[protocol]\npreset = ['quick']", "unknown preset"),
        ("[protocol]\nrounds = 0", "protocol: rounds: 0 is too few"),
        ("[protocol]\nleast_samples = 1", "protocol: least_samples: 1 is too few"),
        ("[protocol]\nwarmup = nan", "protocol: warmup: nan is not a time"),
        ("[protocol]\nclock_share = 1.0", "protocol: clock_share: 1.0 is not a share between 0 and 1"),
        ("[protocol]\nsteady = inf", "protocol: steady: inf is not a number above 0"),
        ("[report]\nrows = 'vocab'", "report: unknown key 'rows'"),
        ("[report]\nrow = 5", "report: "),
        ("title = 5", "title: not text"),
        ("[gate]\nupdate_cost = '5%'", "gate: update_cost needs two cases, so no round has it"),
        ("[gate]\nmultiplicity = '5%'", "gate: multiplicity has no better direction"),
        (HUGE, "1000000000000 cases are more than 10000; give fewer values on some axis"),
        ("x = ", "not valid TOML"),
    ],
)
def test_a_mistake_names_file_and_key(write, text, told):
    path = write(text)
    with pytest.raises(UsageError) as error:
        load_suite(path)
    assert str(error.value).startswith(f"suite {path}: ")
    assert told in str(error.value)


def test_an_unknown_suite_has_a_nearest_one(tmp_path):
    with pytest.raises(UsageError, match="did you mean 'embedding-scaling'"):
        load_suite("embeding-scaling")
    with pytest.raises(UsageError, match="No such file"):
        load_suite(str(tmp_path / "none.toml"))


def test_more_cases_than_a_plan_may_have_are_refused_before_any_is_made(write, monkeypatch):
    def product(*values):
        raise AssertionError("a case was made")

    monkeypatch.setattr("embbench.cases.suite.itertools.product", product)
    with pytest.raises(UsageError, match="1000000000000 cases"):
        load_suite(write(HUGE))
    with pytest.raises(UsageError, match="1000000000000 cases"):
        expand([{}], {axis: range(1, 1001) for axis in ("vocab", "dim", "hidden", "batch")})


def test_blocks_that_flags_make_the_same_are_counted_once():
    blocks = [{"vocab": (5,), "dim": (1,)}, {"vocab": (6,), "dim": (1,)}]
    assert len(expand(blocks, {"vocab": tuple(range(1, 10_001))})) == 10_000


def test_who_is_trained_is_found_by_looking_at_each_case_once(monkeypatch):
    plan = make_plan(load_suite("embedding-scaling"), {"vocab": tuple(range(1000, 1200))}, {"training": True}).resolve(
        2
    )
    asked = []
    monkeypatch.setattr("embbench.cases.plan.in_small", lambda case: asked.append(case) or in_small(case))
    told = plan.protocols(plan.cases)
    assert len(asked) <= 3 * len(plan.cases)
    assert {case.vocab for case, protocol in told.items() if protocol.training} == {1199}


def test_blocks_are_crossed_and_repeats_dropped():
    cases = expand([{"vocab": (1, 2), "table": ("frozen",)}, {"vocab": (2, 3), "table": ("frozen",)}], {})
    assert [case.vocab for case in cases] == [1, 2, 3]


def test_overrides_replace_and_frozen_ignores_updates():
    blocks = load_suite("embedding-scaling").blocks
    cases = expand(blocks, {"vocab": (50,), "update": ("sparse",)})
    assert [(case.table, case.update, case.vocab) for case in cases] == [
        ("frozen", "none", 50),
        ("trainable", "sparse", 50),
    ]


def test_the_same_command_has_the_same_plan_id_and_another_has_not():
    suite = load_suite("embedding-scaling")
    one = make_plan(suite, {}, {}).resolve(2).plan_id
    assert one == make_plan(suite, {}, {}).resolve(2).plan_id
    others = (make_plan(suite, {}, {"budget": 4.0}).resolve(2), make_plan(suite, {"dim": (8,)}, {}).resolve(2))
    assert len({one, *(other.plan_id for other in others)}) == 3


@pytest.mark.parametrize("told", [{"rounds": 10}, {"within": 9.0}, {"timeout": 9.0}, {"seed": 3}, {"preset": "quick"}])
def test_what_decides_no_number_leaves_the_plan_id(told):
    suite = load_suite("embedding-scaling")
    assert make_plan(suite, {}, told, paced=True).resolve(2).plan_id == make_plan(suite, {}, {}).resolve(2).plan_id


def test_whole_numbers_are_the_same_protocol(write):
    whole, real = (make_plan(load_suite(write(f"[protocol]\nbudget = {n}")), {}, {}).resolve(2) for n in ("3", "3.0"))
    assert whole.plan_id == real.plan_id


def test_protocol_is_preset_then_suite_then_command_line(write):
    suite = load_suite(write("[protocol]\npreset = 'thorough'\nbudget = 3.0"))
    assert make_plan(suite, {}, {}).resolve(1).protocol.budget == 3.0
    assert make_plan(suite, {}, {"rounds": 2}).resolve(1).protocol.rounds == 2
    assert make_plan(suite, {}, {"preset": "quick"}).resolve(1).protocol.budget == 0.5


@pytest.mark.parametrize(
    ("told", "within", "rounds"),
    [
        ({}, 240.0, 2),
        ({"within": 60.0}, 60.0, 2),
        ({"within": 60.0, "rounds": 5}, 60.0, 5),
        ({"rounds": 5}, 0.0, 5),
        ({"preset": "quick"}, 0.0, 1),
        ({"preset": "thorough", "within": 60.0}, 60.0, 2),
        ({"within": 0.0}, 0.0, 3),
    ],
)
def test_a_time_for_the_whole_run_takes_the_place_of_a_number_of_rounds(told, within, rounds):
    suite = load_suite("embedding-scaling")
    protocol = make_plan(suite, {}, told, paced=True).resolve(1).protocol
    assert (protocol.within, protocol.rounds) == (within, rounds)


def test_who_cannot_spend_a_time_measures_the_rounds_of_the_preset():
    suite = load_suite("embedding-scaling")
    for told, rounds in (({}, 3), ({"within": 60.0}, 3), ({"preset": "thorough"}, 10), ({"rounds": 4}, 4)):
        protocol = make_plan(suite, {}, told).resolve(1).protocol
        assert (protocol.within, protocol.rounds) == (0.0, rounds)


def test_a_preset_decides_how_long_to_measure_and_not_what(write):
    suite = load_suite(write("[protocol]\nrounds = 5\nphases = true\ntraining = true"))
    protocol = make_plan(suite, {}, {"preset": "quick"}).resolve(1).protocol
    assert (protocol.rounds, protocol.phases, protocol.training) == (1, True, True)


@pytest.mark.parametrize(
    "told", [{"rounds": 0}, {"budget": 0.0}, {"budget": float("nan")}, {"timeout": -1.0}, {"within": -1.0}]
)
def test_a_protocol_without_sense_is_refused(told):
    with pytest.raises(UsageError, match=next(iter(told))):
        make_plan(load_suite("embedding-scaling"), {}, told, paced=True).resolve(1)


def test_a_number_of_thousands_of_digits_is_one_line(tmp_path):
    path = tmp_path / "huge.toml"
    path.write_text(f"[axes]\nvocab = {'9' * 5000}\n")
    with pytest.raises(UsageError, match="not valid TOML"):
        load_suite(str(path))


def test_the_design_of_sparse_updates_covers_its_axes():
    """A table from half of a first cache of 48 kB to 20M rows; each other axis changed by itself."""
    cases = expand(load_suite("sparse-updates").blocks, {})
    assert min(case.table_bytes for case in cases) <= 24 << 10
    assert max(case.vocab for case in cases) == 20_000_000
    assert {case.dim for case in cases} >= {8, 32, 128, 512}
    assert {case.tokens for case in cases} == {"uniform", "uniform:sorted", "words", "words:shuffled", "same"}
    assert {case.threads for case in cases} == {0, 1}
    assert {case.ids for case in cases} == {"int64", "int32"}
    assert {case.contender for case in cases} == {"pytorch"}
    assert {case.runtime for case in cases} == {"system", "hugepages"}
    assert {case.update for case in cases} == {"compact", "sparse", "fused", "compact_beside"}
    assert len(cases) == 33
    contenders = {case.contender for case in expand(load_suite("sparse-frameworks").blocks, {})}
    assert contenders == {"pytorch", "jax_optax", "tf_function", "fbgemm", "numpy"}


def test_a_flag_replaces_the_values_of_the_cases_that_have_the_axis(write):
    """Another workload of the suite keeps its values; only an axis that no case has is an error."""
    blocks = [{"workload": ("dropout",), "seq": (8,)}, {"workload": ("regression",)}]
    plain, asked = expand(blocks, {}), expand(blocks, {"hidden": (16,), "batch": (8,)})
    assert [(case.workload, case.hidden, case.batch) for case in plain] == [
        ("dropout", 128, 32),
        ("regression", 128, 32),
    ]
    assert [(case.workload, case.hidden, case.batch) for case in asked] == [("dropout", 16, 8), ("regression", 128, 8)]
    with pytest.raises(UsageError, match="vocab: the workload dropout has no such axis"):
        expand(blocks, {"vocab": (1000,)})
    hybrid = [{"table": ("trainable", "hybrid"), "dim": (8,)}]
    assert [case.trainable_dim for case in expand(hybrid, {"trainable_dim": (4,)})] == [0, 4]
