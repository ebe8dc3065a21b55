"""Digests of files of code."""

import tracemalloc

from embbench.host.code import digest, digest_file


def test_a_file_has_the_digest_of_its_bytes_and_is_read_in_pieces(tmp_path):
    path, data = tmp_path / "large.so", bytes(range(256)) * 40_000
    path.write_bytes(data)
    tracemalloc.start()
    found = digest_file(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == digest(data)
    assert peak < len(data) / 10


def test_what_cannot_be_read_has_none(tmp_path):
    assert digest_file(tmp_path) is None
    assert digest_file(tmp_path / "none.py") is None
