"""The table and the sentences of `selftest --audit`."""

from embbench.report.selftest_audit_document import selftest_audit_document, summary
from embbench.report.writers import write
from embbench.store.tryout import Tryout

CAUGHT = Tryout("a", "Lies.", False, "numpy", "caught", "row 3 is off")
WARNED = Tryout("d", "Keeps memory.", False, "numpy", "warned", "memory-grows")
PASSED = Tryout("a", "Lies.", False, "pytorch", "passed")
ABSENT = Tryout("b", "Lies more.", False, "numpy", "absent", "update=x: nobody wrote it")
REFUSED = Tryout("c", "Is odd.", True, "numpy", "refused", "row 4 is off")


def test_the_table_has_a_row_for_each_program_and_a_column_for_each_contender():
    lines = write(selftest_audit_document([CAUGHT, PASSED, ABSENT, REFUSED]), "text").splitlines()
    assert lines[0].split() == ["lies", "numpy", "pytorch", "finding"]
    assert lines[1].split() == ["a", "✓", "caught", "PASSED", "row", "3", "is", "off"]
    assert lines[2].split() == ["b", "–", "–"]
    assert lines[5].split() == ["c", "REFUSED", "–", "Is", "odd."]


def test_a_long_finding_takes_no_room_from_the_verdicts():
    long = Tryout("keeps-memory-each-step", "Lies.", False, "pytorch", "caught", "row 3 is off; " * 20)
    lines = write(selftest_audit_document([long]), "text", 80).splitlines()
    assert lines[1].startswith("keeps-memory-each-step  ✓ caught")
    assert max(map(len, lines)) <= 80


def test_a_lie_that_a_warning_names_is_warned():
    lines = write(selftest_audit_document([WARNED]), "text").splitlines()
    assert lines[1].split() == ["d", "✓", "warned", "memory-grows"]
    assert lines[-1] == "1 lies, 1 rounds: 1 warned."


def test_absent_programs_are_not_counted():
    assert summary([CAUGHT, PASSED, ABSENT])[0] == "1 lies, 2 rounds: 1 caught, 1 passed."
