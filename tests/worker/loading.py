"""A process that loads a contender as a worker does, and digests of files."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
import pathlib, sys
import msgspec
from embbench.contenders import load, read
from embbench.worker.imports import watch
from embbench.worker.loaded_code import loaded, shadowed
watch()
contender = read(pathlib.Path(sys.argv[1]))
module = load(contender)
print(msgspec.json.encode([loaded(contender), shadowed(contender), getattr(module, "TOLD", None)]).decode())
"""
DECLARES = 'DECLARES = {"summary": "s", "updates": {"default": {"sgd": {"semantic": "exact"}}}}\n'


def digest(data: bytes | str) -> str:
    """The digest of a file of these bytes, as a worker tells it."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()[:12]
