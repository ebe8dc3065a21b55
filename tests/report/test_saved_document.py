"""What `import` and `baseline promote` say of the file that they wrote."""

import json
from pathlib import Path

from embbench.report.saved_document import baseline_document, import_document
from embbench.report.writers import write


def test_the_line_of_an_import_counts_new_and_known_rounds():
    assert write(import_document(Path("b.jsonl"), 2, 0), "text") == "b.jsonl: 2 rounds added\n"
    assert write(import_document(Path("b.jsonl"), 0, 2), "text") == "b.jsonl: 0 rounds added, 2 already there\n"


def test_the_values_of_a_baseline():
    told = json.loads(write(baseline_document(Path("results/a.jsonl"), 7), "json"))
    assert told == {"file": "results/a.jsonl", "rounds": 7}


def test_a_file_name_is_plain_and_escaped():
    made = baseline_document(Path("a\x1b[2J_b_*c*.jsonl"), 7)
    assert write(made, "text") == "a_b_*c*.jsonl: 7 rounds; commit this file\n"
    assert "*c*" not in write(made, "md").replace("\\*", "")
