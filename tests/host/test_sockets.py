"""The kernel's account of bytes over TCP, on real sockets."""

import socket

import pytest

from embbench.host.sockets import traffic

SENT, BACK = 300_000, 1_000


@pytest.fixture
def pair():
    """Two connected ends on the loopback device, both of this process."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        one = socket.create_connection(server.getsockname())
        other, _ = server.accept()
    with one, other:
        yield one, other


def move(one, other, size):
    one.sendall(b"x" * size)
    left = size
    while left:
        left -= len(other.recv(left))


def acknowledged(least):
    """The counters, once the kernel has seen the acknowledgements: `recv` does not wait for them."""
    while (now := traffic()).sent < least:
        pass
    return now


def test_both_directions_of_all_sockets_add_up(pair):
    one, other = pair
    before = traffic()
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    move_in_pieces(one, other, SENT)
    move_in_pieces(other, one, BACK)
    after = acknowledged(before.sent + SENT + BACK)
    assert after.received - before.received == SENT + BACK
    assert after.sent - before.sent == SENT + BACK


def move_in_pieces(one, other, size, piece=500):
    for _ in range(size // piece):
        move(one, other, piece)


def test_other_kinds_of_sockets_and_files_do_not_count(tmp_path):
    before = traffic()
    one, other = socket.socketpair()
    with one, other, (tmp_path / "file").open("w") as file:
        move(one, other, BACK)
        file.write("x" * BACK)
        listening = socket.create_server(("127.0.0.1", 0))
        assert traffic() == before
        listening.close()
