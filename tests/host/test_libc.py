"""Which C library there is."""

import os

import pytest

from embbench.host.libc import c_library


@pytest.mark.parametrize(
    ("text", "found"),
    [("glibc 2.36", ("glibc", (2, 36))), ("glibc 2.35.1", ("glibc", (2, 35, 1))), ("", None), (None, None)],
)
def test_its_name_and_version(monkeypatch, text, found):
    monkeypatch.setattr(os, "confstr", lambda name: text)
    assert c_library() == found


def test_a_system_that_does_not_know_the_name_has_none_that_tells(monkeypatch):
    def refuse(name):
        raise ValueError(name)

    monkeypatch.setattr(os, "confstr", refuse)
    assert c_library() is None
    monkeypatch.delattr(os, "confstr")
    assert c_library() is None
