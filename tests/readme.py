"""The pages of documentation, and the contender that one of them shows."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "results/README.md", "suites/README.md", "embbench/contenders/README.md")
}
EXAMPLE = next(
    block
    for block in re.findall(r"```python\n(.*?)```", PAGES["embbench/contenders/README.md"], re.DOTALL)
    if "mine.py" in block
)
