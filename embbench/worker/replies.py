"""The stdout of a worker: for its replies alone."""

import os
from typing import BinaryIO


def private_stdout() -> BinaryIO:
    """Keeps the real stdout for replies and points fd 1 at stderr, where a library's banner does no harm."""
    replies = os.fdopen(os.dup(1), "wb")
    os.set_inheritable(replies.fileno(), False)
    os.dup2(2, 1)
    return replies
