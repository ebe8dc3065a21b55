"""Texts by which programs say that memory ran out. Frameworks share no class of error for it: some raise a plain
Exception of their own, some a ValueError where their compiler meets the lack.
"""

import re

SAID = re.compile(
    r"out[ _]of[ _]memory|allocate memory|not enough memory|resource_?exhausted|bad_alloc|OOM when allocating"
    r"|alloc(ation)?_failed",  # the last: status of cuBLAS and cuDNN
    re.IGNORECASE,
)
# Allocators of host memory, plain and pinned, which cases on a GPU need too.
HOST = re.compile(r"DefaultCPUAllocator|bad_alloc|host_allocation_failed|by allocator \w*(cpu|host)", re.IGNORECASE)


def ran_out(text: str) -> bool:
    """Whether the text says that memory ran out."""
    return SAID.search(text) is not None


def of_host(text: str) -> bool:
    """Whether the memory is the host's, by the name of its allocator; False where the text does not tell."""
    return HOST.search(text) is not None


def telling_line(lines: list[str]) -> str:
    """The line that says that memory ran out, else the first line; '' without lines. Some frameworks begin with a line
    that names the layer or the graph.
    """
    return next(filter(ran_out, lines), lines[0] if lines else "")
