"""Audits that passed in an earlier run of the tests, as long as nothing that they depend on has changed."""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from embbench.contenders import Contender, software
from embbench.host.machine import machine_facts

ROOT = Path(__file__).parents[2]
PLACE = "embbench/audits"
# Environment variables that change what a framework computes.
TELLING = re.compile(r"(?:XLA|TF|KERAS|JAX|(?:PY)?TORCH|OMP|MKL|ONEDNN|DNNL|OPENBLAS|MALLOC|GLIBC|THP)_\w+|LD_PRELOAD")


class Remembered:
    """By the key of an audit: what it told, and a digest of all it depends on: the project's files that its process had
    loaded, the contender, versions, the machine's CPU and the environment. Kept in pytest's cache directory.
    """

    def __init__(self, cache: pytest.Cache | None, root: Path = ROOT) -> None:
        self._cache = cache
        self._known: dict[str, dict[str, Any]] = cache.get(PLACE, {}) if cache else {}
        self._cpu = machine_facts()["cpu"]
        # Before any audit runs: of a file that is edited meanwhile, what is remembered is then out of date.
        self._digests = {
            str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for room in ("embbench", "tests")
            for path in (root / room).rglob("*.py")
        }

    def recall(self, key: str, contender: Contender) -> dict[str, Any] | None:
        kept = self._known.get(key)
        if kept and kept["content"] == self._content(contender, kept["told"]["files"]):
            return kept["told"]
        return None

    def keep(self, key: str, contender: Contender, told: dict[str, Any]) -> None:
        """Only what passed; it forgets what did not."""
        self._known.pop(key, None)
        if told.get("passed"):
            content = self._content(contender, told["files"])
            self._known[key] = {"of": contender.name, "content": content, "told": told}

    def save(self, failed: set[str]) -> None:
        """failed: names of contenders that failed a test, of which nothing is kept."""
        if self._cache:
            self._cache.set(PLACE, {key: each for key, each in self._known.items() if each["of"] not in failed})

    def _content(self, contender: Contender, files: list[str]) -> str:
        telling = {name: value for name, value in os.environ.items() if TELLING.fullmatch(name)}
        digests = [self._digests.get(name) for name in files]
        depends = [contender.digest, software(contender), self._cpu, telling, digests]
        return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()
