"""Parts of a step, named by workload files."""

import shutil
import subprocess
import sys

from embbench.cases.capabilities import PROFILED
from embbench.cases.metrics import METRICS
from embbench.cases.workload_files import WORKLOADS
from embbench.cases.workload_parts import PARTS_OF, WORKLOAD_PARTS, metric_of, parts_of
from embbench.workloads import is_claimed, workloads


def test_every_network_names_its_parts():
    assert PARTS_OF.keys() == workloads().keys()
    assert {name for name, workload in workloads().items() if not is_claimed(workload)} == {
        name for name, parts in PARTS_OF.items() if parts
    }


def test_parts_refer_to_earlier_parts_of_their_workload():
    for workload, parts in PARTS_OF.items():
        names = list(parts)
        for name, part in parts.items():
            for other in filter(None, (part.includes, part.within)):
                assert names.index(other) < names.index(name), (workload, name)
            assert part.profiled in ("", *PROFILED), (workload, name)


def test_each_part_is_a_metric():
    assert METRICS["phase_lookup"].definition == "Part of a step: the lookup of a batch's rows."
    assert METRICS["phase_square_root"].definition.startswith("Within phase_update_table: the square root")
    assert {metric_of(name) for name in WORKLOAD_PARTS} <= METRICS.keys()


def test_an_unknown_workload_has_the_parts_of_all():
    assert parts_of("of another version") == WORKLOAD_PARTS


def test_a_part_of_a_new_workload_is_one_file(tmp_path):
    """In a copy of embbench: the part is measured, is a metric, and stands in the table of parts."""
    shutil.copytree(WORKLOADS.parent, tmp_path / "embbench", ignore=shutil.ignore_patterns("__pycache__"))
    place = tmp_path / "embbench" / "workloads"
    text = (place / "tagger.py").read_text(encoding="utf-8").replace("import AXES, PARTS", "import AXES")
    parts = '{"decoder": {"label": "decoder, loss", "help": "decoder and loss"}}'
    (place / "decoding.py").write_text(f"{text}\n\nPARTS = {parts}\n", encoding="utf-8")
    code = (
        "from embbench.cases.metrics import METRICS; from embbench.cases.workload_parts import parts_of;"
        "print(METRICS['phase_decoder'].definition, *parts_of('decoding'), *parts_of('tagger'))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == (
        "Part of a step: decoder and loss. decoder "
        "lookup network gradients update_table update_rest update square_root\n"
    )
