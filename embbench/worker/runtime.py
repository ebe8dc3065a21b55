"""Whether this process runs with its case's runtime, and with what effect."""

import os

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported
from embbench.cases.runtimes import RUNTIMES
from embbench.host.memory import huge_bytes
from embbench.worker.note import NOTHING, Note


def check_runtime(runtime: str) -> None:
    """Raises Unsupported for a runtime that this embbench does not know, and for a process that was started without the
    runtime's variables: an allocator reads them once, before any Python code runs.
    """
    if runtime not in RUNTIMES:
        raise Unsupported(f"runtime={runtime}: the embbench of this process does not have it")
    for name, value in RUNTIMES[runtime].variables.items():
        if os.environ.get(name) != value:
            raise Unsupported(f"runtime={runtime}: this process was started without {name}={value}")


def about_runtime(case: Case) -> Note:
    """The settings that the process was started with. For a runtime with huge pages, also whether most of the table
    lies in huge pages.
    """
    runtime = RUNTIMES[case.runtime]
    if not runtime.variables:
        return NOTHING
    ran = {"environment": runtime.settings}  # as `check_runtime` found it: a contender may have changed it since
    if runtime.huge_pages:
        ran["pages"] = "huge" if huge_bytes() > case.table_bytes / 2 else "ordinary"
    return Note(ran=ran)
