"""Runtimes: memory settings of a process before it starts, for any contender. An entry of RUNTIMES is all that a new
runtime needs.
"""

from collections.abc import Mapping

import msgspec

SYSTEM, RETAINED = "system", "retained"


class Runtime(msgspec.Struct, frozen=True, kw_only=True):
    """summary: one line. variables: of the process's environment. libc: the C library that reads the variables, with
    the least version if it matters, as in 'glibc 2.35'; '' for any. huge_pages: whether the system must have
    transparent huge pages. kept: table-sized arrays that the heap may hold at its peak beyond the needs of a step, for
    an update that makes arrays as large as the table.
    """

    summary: str
    variables: dict[str, str] = {}
    libc: str = ""
    huge_pages: bool = False
    kept: float = 0.0

    @property
    def settings(self) -> str:
        """'NAME=value NAME=value', in the shell's syntax; '' without variables."""
        return " ".join(f"{name}={value}" for name, value in self.variables.items())

    @property
    def change(self) -> str:
        """What a user changes for the runtime; '' for nothing."""
        name, _, least = self.libc.partition(" ")
        library = f", with {name} {least} or later" if least else f", with {name}" if name else ""
        return f"{self.settings} in the environment{library}" if self.variables else ""

    def without(self, environment: Mapping[str, str]) -> dict[str, str]:
        """A process's environment without the runtime's variables."""
        return {name: value for name, value in environment.items() if name not in self.variables}


RUNTIMES = {
    SYSTEM: Runtime(summary="memory as the system and the framework take it"),
    # mallopt(3). What the heap keeps besides differs between processes: a small array may take a corner of a freed
    # large array, and then the next large array does not fit there.
    RETAINED: Runtime(
        summary="memory that is freed stays with the process and comes again without a page fault",
        variables={"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1"},
        libc="glibc",
        kept=2,
    ),
    # glibc then asks for huge pages (madvise) for all memory that it maps, whichever framework calls malloc.
    "hugepages": Runtime(
        summary="memory comes in pages of 2 MB (transparent huge pages)",
        variables={"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"},
        libc="glibc 2.35",
        huge_pages=True,
    ),
}


def runtime_named(name: str) -> Runtime:
    """The runtime of a name; a runtime without variables for a name from another version of embbench."""
    return RUNTIMES.get(name, Runtime(summary="not known here"))
