"""The measured process. stdin brings one Request, and turns after it for a resident worker. Answers go to the real
stdout, everything else to stderr.
"""

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec

from embbench import wire
from embbench.errors import EmbbenchError
from embbench.host.memory import adopt, descendants
from embbench.store.exchange import TURNS, Answer, Between, Entered, Finished, MachineState, Request
from embbench.worker.clock import host_clock
from embbench.worker.failures import classify
from embbench.worker.imports import watch
from embbench.worker.launch_turns import Turns
from embbench.worker.note import condition
from embbench.worker.recorder import Recorder
from embbench.worker.replies import private_stdout
from embbench.worker.round import do_round
from embbench.worker.training import untrained
from embbench.worker.turns_with_reference import not_taken


def main() -> None:
    """Reads the request, does the round, answers. The last answer is always a Finished."""
    replies = private_stdout()
    _volunteer()
    adopt()
    watch()
    lines = _private_stdin()
    request = wire.decode(lines.readline(), msgspec.json.Decoder(Request))

    def send(answer: Answer) -> None:
        replies.write(wire.encode(answer) + b"\n")
        replies.flush()

    def ask() -> MachineState:
        send(Between())
        line = lines.readline()
        return wire.decode(line, msgspec.json.Decoder(MachineState)) if line else MachineState()

    turns = Turns(send, lines) if request.launch else None
    look = MachineState if turns else ask  # a resident worker gets the machine's state with its turns
    recorder = Recorder(request, lambda phase: send(Entered(phase)), host_clock, turns, look)
    try:
        round_ = do_round(recorder)
    except EmbbenchError as error:
        round_ = recorder.finish("unsupported", str(error))
    except Exception as error:  # noqa: BLE001 - the outermost frame: a contender may fail in any way at all
        sys.excepthook(type(error), error, error.__traceback__)
        status, reason = classify(error, request.case.device)
        if recorder.complete:
            recorder.add(not_taken(reason) if recorder.phase == TURNS else untrained(reason))
            status, reason = "ok", None
        else:
            recorder.add(condition(phase=recorder.phase))
        round_ = recorder.finish(status, reason)
    send(Finished(round_))
    # Everything is sent. Tearing down frameworks and freeing gigabytes page by page takes seconds and can crash.
    sys.stderr.flush()
    _end_others()
    os._exit(0)


def _private_stdin() -> BinaryIO:
    """Keeps the real stdin for the parent's lines. Other code that reads fd 0 sees the end of the file."""
    lines = os.fdopen(os.dup(0), "rb")
    os.set_inheritable(lines.fileno(), False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return lines


def _volunteer() -> None:
    """When memory runs out, the kernel must kill the worker before other programs of the user."""
    with contextlib.suppress(OSError):  # another system, or a sandbox
        Path("/proc/self/oom_score_adj").write_text("1000")


def _end_others() -> None:
    """Kills children that left the process group. The parent ends only the group, and a daemon outside the group
    would run during the next round.
    """
    for process in descendants():
        with contextlib.suppress(OSError):  # it ended
            if os.getpgid(process) != os.getpgrp():
                os.kill(process, signal.SIGKILL)


if __name__ == "__main__":
    main()
