"""Faults of embbench itself, and what is said past what pytest catches."""

import contextlib
import sys
from typing import Any

import pytest

FAULTS: pytest.StashKey[list[str]] = pytest.StashKey()  # a line each


def remark(config: pytest.Config, text: str) -> None:
    """A line on stderr, past what pytest catches of it."""
    from embbench.plain import one_line

    capture: Any = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture is not None else contextlib.nullcontext():
        print(f"embbench: {one_line(text)}", file=sys.stderr, flush=True)
