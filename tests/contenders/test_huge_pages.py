"""update=hugepages of PyTorch: the same program in memory that comes 2 MB a page fault."""

import json
import subprocess
import sys

import pytest

pytest.importorskip("torch")

from embbench.contenders import _torch
from embbench.host.machine import huge_page_mode
from embbench.spec.contender import Unsupported

SCRIPT = """
import json
from embbench.contenders import discover, load
from embbench.host.memory import huge_bytes
from embbench.spec.case import make_case
from embbench.spec.contender import Unsupported
from embbench.spec.streams import draw_tokens

module = load(discover()["pytorch"])
case = make_case({"update": "hugepages", "vocab": 100_000, "dim": 64, "hidden": 8, "batch": 4, "seq": 4, "threads": 1})
try:
    trial = module.prepare(case, draw_tokens(case, 2))
    trial.step()
    print(json.dumps({"pages": trial.describe()["pages"], "tables": huge_bytes() / case.table_bytes}))
except Unsupported as reason:
    print(json.dumps({"unsupported": str(reason)}))
"""


def test_table_and_optimizer_lie_in_huge_pages_where_the_system_has_them():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    if huge_page_mode() in (None, "never"):
        assert "huge pages are off" in told["unsupported"]
    else:
        assert told["pages"] == "huge"
        assert told["tables"] > 2.5  # the table and Adam's two moments, less what fills no page


@pytest.mark.parametrize("mode", ["never", None])
def test_without_them_it_says_so(monkeypatch, mode):
    monkeypatch.setattr(_torch, "huge_page_mode", lambda: mode)
    with pytest.raises(Unsupported, match="huge pages are off"):
        _torch.ask_for_huge_pages()
