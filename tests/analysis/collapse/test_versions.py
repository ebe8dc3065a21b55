"""Rounds of other code, or of other packages than those declared, are other software."""

import msgspec

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.compare.differences import differences
from embbench.cases.suite import View
from embbench.report.assemble import build
from embbench.store.round import Code, Loaded, decode, encode
from tests.made_up import case, failed, measured


def loaded(packages=None, **digests):
    return Loaded({name: Code(f"{name}.py", digest) for name, digest in digests.items()}, packages or {})


def test_rounds_of_one_run_with_other_code_are_two_results():
    old = measured(case(), [1.0, 1.1], loaded=loaded(helper="aaa"))
    new = [
        msgspec.structs.replace(line, round=line.round + 2)
        for line in measured(case(), [2.0, 2.1], loaded=loaded(helper="bbb"))
    ]
    results = collapse([*old, *new])
    assert [(result.software, len(result.good)) for result in results] == [("helper aaa", 2), ("helper bbb", 2)]
    alarms = build([*old, *new], View()).alarms
    assert any("helper aaa; helper bbb" in text for text in alarms)


def test_code_that_only_some_cases_need_splits_nothing():
    frozen = measured(case("frozen"), [1.0], loaded=loaded())
    trained = measured(case(), [2.0, 2.1], loaded=loaded({"sympy": "1.13"}, helper="aaa"))
    late = measured(case(update="sparse"), [3.0], loaded=loaded(other="ccc"))
    assert {result.software for result in collapse([*frozen, *trained, *late])} == {""}


def test_a_module_that_some_rounds_of_a_case_lack_is_other_code():
    with_it = measured(case(), [5.0, 5.1], loaded=loaded({"thing": "1"}, helper="aaa"))
    without = [
        msgspec.structs.replace(line, round=line.round + 2)
        for line in measured(case(), [2.0, 2.1], loaded=loaded(), software={"python": "3"})
    ]
    with_it = [msgspec.structs.replace(line, software={"python": "3"}) for line in with_it]
    results = collapse([*with_it, *without])
    assert [(result.software, len(result.good)) for result in results] == [("helper aaa", 2), ("no helper", 2)]


def test_what_a_round_needs_besides_its_step_is_no_other_code():
    plain = measured(case(), [5.0], loaded=loaded(helper="aaa"))
    apart = [
        msgspec.structs.replace(line, protocol=msgspec.structs.replace(line.protocol, phases=True))
        for line in measured(case(), [5.1], run="b", loaded=loaded(helper="aaa", parts="bbb"))
    ]
    failed_apart = [
        msgspec.structs.replace(line, conditions={"phases": "not measured: no"}, run="c", loaded=loaded(helper="aaa"))
        for line in apart
    ]
    early = failed(case(), "invalid", "x", 1, loaded=loaded(), software=plain[0].software)
    mapped = measured(case(), [5.0], run="d", loaded=Loaded({**plain[0].loaded.code, "/o/f.so": Code("/o/f.so", "c")}))
    assert len(collapse([*plain, *apart, *failed_apart, early, *mapped])) == 1


def test_another_version_of_a_package_that_is_not_declared_is_other_software():
    lines = [
        *measured(case(), [1.0], loaded=loaded({"thing": "1.0"})),
        *measured(case(), [1.0], run="b", loaded=loaded({"thing": "1.1"})),
    ]
    assert [result.software for result in collapse(lines)] == ["thing 1.0", "thing 1.1"]


def test_contenders_do_not_contradict_each_other():
    one = measured(case(), [1.0], loaded=loaded(helper="aaa"))
    other = measured(case(contender="numpy"), [1.0], loaded=loaded(helper="bbb"))
    assert {result.software for result in collapse([*one, *other])} == {""}


def test_a_round_that_died_goes_with_what_it_does_not_contradict():
    ok = measured(case(), [1.0], loaded=loaded(helper="aaa", late="bbb"), software={"python": "3"})
    newer = measured(case(), [1.0], run="b", loaded=loaded(helper="zzz"), software={"python": "3"})
    early = failed(case(), "crash", "x", 1, loaded=loaded(helper="aaa"), software={"python": "3"})
    silent = failed(case(), "crash", "y", 2, software={"python": "3"})
    first, second = collapse([*ok, *newer, early, silent])
    assert [line.reason for line in first.rounds] == [None, "x"]
    assert [line.reason for line in second.rounds] == [None, "y"]


def test_old_lines_load_and_say_nothing_of_code():
    (line,) = measured(case(), [1.0])
    assert decode(encode(line), "f").loaded == Loaded()
    assert collapse([line])[0].software == ""


def test_a_file_of_ones_own_is_what_is_compared_and_a_package_is_not():
    base = measured(case(), [1.0], loaded=loaded({"thing": "1.0", "base-only": "1"}, helper="aaa", gone="x"))
    head = measured(case(), [1.0], loaded=loaded({"thing": "1.1"}, helper="bbb", fresh="y"))
    told = {(each.name, each.base, each.candidate, each.capping) for each in differences(base, head)}
    assert told == {("thing", "1.0", "1.1", True), ("helper", "aaa", "bbb", False)}
