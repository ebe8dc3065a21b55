"""Audits that passed in an earlier run of the tests, while everything that they depend on is unchanged."""

import hashlib
import json
import os
import platform
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from embbench.contenders import Contender, software
from embbench.host.code import distributions
from embbench.host.machine import machine_facts

ROOT = Path(__file__).parents[2]
PLACE = "embbench/audits"
# Environment variables that differ between shells and do not change what a framework computes; all others may change
# it. Listing the variables that matter was rejected: frameworks, compilers and libraries read dozens.
IDLE = re.compile(
    r"_|\w*PWD|SHLVL|(?:COLOR)?TERM\w*|COLUMNS|LINES|PS\d|HOSTNAME|USER|LOGNAME|SHELL|MAIL|TZ|LANG|LC_\w+|EDITOR|PAGER|"
    r"LESS\w*|LS_COLORS|(?:SSH|XDG|DBUS|GIT|PYTEST|VIRTUAL_ENV|INVOCATION|SYSTEMD|JOURNAL|CI|GITHUB|RUNNER)\w*|TMPDIR|"
    r"DISPLAY|WINDOWID"
)
COMPILERS = ("c++", "g++", "clang++")  # a framework uses one of them


class Remembered:
    """Key of an audit -> its result, with a digest of everything that it depends on: the project's files that its
    process loaded, the contender, all installed distributions, CPU, C library, compilers, and the environment. Kept in
    pytest's cache directory.
    """

    def __init__(self, cache: pytest.Cache | None, root: Path = ROOT) -> None:
        self._cache = cache
        self._known: dict[str, dict[str, Any]] = cache.get(PLACE, {}) if cache else {}
        self._system = [machine_facts()["cpu"], cpu_flags(), platform.libc_ver(), *map(compiler, COMPILERS)]
        self._versions = sorted((each.name, each.version) for each in distributions())
        # Computed before any audit runs: the result of a file that is edited meanwhile is then out of date.
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
        """Keeps a passed audit, and forgets an audit that did not pass."""
        self._known.pop(key, None)
        if told.get("passed"):
            content = self._content(contender, told["files"])
            self._known[key] = {"of": contender.name, "content": content, "told": told}

    def save(self, failed: set[str]) -> None:
        """failed: names of contenders with a failed test; their audits are not kept."""
        if self._cache:
            self._cache.set(PLACE, {key: each for key, each in self._known.items() if each["of"] not in failed})

    def _content(self, contender: Contender, files: list[str]) -> str:
        telling = {name: value for name, value in os.environ.items() if not IDLE.fullmatch(name)}
        digests = [self._digests.get(name) for name in files]
        depends = [contender.digest, software(contender), self._system, self._versions, telling, digests]
        return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()


def cpu_flags() -> str:
    """The capabilities of the real or simulated CPU; '' if the system does not list them."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")


def compiler(name: str) -> list[str | int]:
    """[path, size, time of modification] of the compiler; [] without it."""
    if (path := shutil.which(name)) is None:
        return []
    known = Path(path).resolve().stat()
    return [path, known.st_size, known.st_mtime_ns]
