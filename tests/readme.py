"""The contender that README.md shows."""

import re
from pathlib import Path

EXAMPLE = next(
    block
    for block in re.findall(r"```python\n(.*?)```", (Path(__file__).parents[1] / "README.md").read_text(), re.DOTALL)
    if "mine.py" in block
)
