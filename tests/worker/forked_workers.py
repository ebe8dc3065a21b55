"""Run as a program: workers that are forked from a process that has imported PyTorch, which takes most of the time of a
small round. A line on stdin names two files: the request, and the answers to write. A line on stdout is the worker's
process id, when the worker has ended.
"""

import os
import signal
import sys

import torch._dynamo  # which PyTorch's optimizers import

from embbench.worker.__main__ import main


def work(request: str, answers: str) -> None:
    """In the forked process: a session of its own, as the launcher's workers have."""
    os.setsid()
    signal.alarm(300)  # seconds, then the worker dies
    os.dup2(os.open(request, os.O_RDONLY), 0)
    os.dup2(os.open(answers, os.O_WRONLY | os.O_CREAT, 0o600), 1)
    main()


if __name__ == "__main__":
    assert torch.get_num_threads() == 1  # as in the environment: a pool of threads does not survive a fork
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            work(*line.split())
        os.waitpid(child, 0)
        print(child, flush=True)
