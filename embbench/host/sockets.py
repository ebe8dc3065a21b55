"""Ports to listen on, and the bytes that this process has exchanged over TCP, as the kernel counts them."""

import os
import socket
import stat
import sys
from pathlib import Path
from typing import NamedTuple

# Offsets of tcpi_bytes_acked and tcpi_bytes_received in struct tcp_info, <linux/tcp.h>, since Linux 4.1.
ACKED, RECEIVED, SIZE = 120, 128, 136


LOOPBACK = ("127.0.0.1", "localhost")


def at_own(address: str) -> str:
    """Where to listen for those who connect to the address: a machine may know its own name by another address."""
    return address if address in LOOPBACK else ""


def free_port(address: str) -> int:
    """A port that nobody listens on, see `at_own`."""
    with socket.socket() as probe:
        probe.bind((at_own(address), 0))
        return probe.getsockname()[1]


class Traffic(NamedTuple):
    """Bytes over all open sockets since they were opened. sent: what the other side has acknowledged."""

    sent: int
    received: int


def traffic() -> Traffic | None:
    """The present counters; None on another system than Linux. A closed socket no longer counts, so only differences
    over a time in which no socket closes are meaningful.
    """
    if sys.platform != "linux":
        return None
    sent = received = 0
    for path in Path("/proc/self/fd").iterdir():
        told = _told(int(path.name))
        sent += int.from_bytes(told[ACKED:RECEIVED], sys.byteorder)
        received += int.from_bytes(told[RECEIVED:SIZE], sys.byteorder)
    return Traffic(sent, received)


def _told(file: int) -> bytes:
    """The kernel's account of a TCP socket; b"" for any other file."""
    try:
        if not stat.S_ISSOCK(os.fstat(file).st_mode):
            return b""
        asked = socket.socket(fileno=file)
    except OSError:  # closed meanwhile, as the file of the listing itself
        return b""
    try:
        if asked.family not in (socket.AF_INET, socket.AF_INET6) or asked.type != socket.SOCK_STREAM:
            return b""
        told = asked.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, SIZE)
        return told if len(told) == SIZE else b""
    except OSError:  # not connected
        return b""
    finally:
        asked.detach()  # the file stays open: it is another object's
