"""Faults of embbench itself, and lines on stderr that pytest does not capture."""

import contextlib
import sys

import pytest

FAULTS: pytest.StashKey[list[str]] = pytest.StashKey()  # one line per fault


def remark(config: pytest.Config, text: str) -> None:
    """Writes a line to stderr that pytest does not capture."""
    from embbench.plain import one_line

    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture is not None else contextlib.nullcontext():
        print(f"embbench: {one_line(text)}", file=sys.stderr, flush=True)
