"""The conversation with one worker, from the request to the last line."""

import re
import selectors
from collections.abc import Callable
from typing import Literal

import msgspec

from embbench import wire
from embbench.launch.process import WorkerProcess, read_available
from embbench.plain import one_line
from embbench.store.exchange import Answer, Between, Entered, MachineState, Ready, Request
from embbench.store.outside import LONGEST, admit
from embbench.store.round import Round

KEPT_STDERR = 8_192  # last bytes of stderr
LAST_READS = 32  # reads of stderr after the worker's end: more than any pipe holds
SHOWN_LINES, SHOWN_CHARACTERS = 3, 500
LONGEST_LINE = 64 << 20
FRAME = re.compile(r"(PC: )?@ +0x[0-9a-f]+|\*\*\* Check failure stack trace")  # of abseil's and glog's stack traces
How = Literal["finished", "silent", "garbage", "timeout", "interrupted", "left"]
_decoder = msgspec.json.Decoder(Answer)


class Ending(msgspec.Struct, frozen=True):
    """How a conversation ended.

    how: 'silent': the process ended or closed its answers. 'garbage': the worker wrote a line that is no answer.
    'left': another worker failed that this worker needs. phase: the last phase that the worker entered. detail: the
    start of the line; the signal that interrupted; which other worker failed. round: of a worker that finished.
    """

    how: How
    phase: str
    detail: str = ""
    round: Round | None = None


class Conversation:
    """Listens to one worker. on_phase: called for every phase that the worker enters. look: reads the machine's state
    between samples, while all threads of the worker are stopped.

    phase: the last phase that the worker entered. ending: None while the conversation goes on. ready: the message of a
    resident worker that waits for its turn; None while it does not wait.
    """

    def __init__(
        self,
        process: WorkerProcess,
        request: Request,
        on_phase: Callable[[str], None],
        look: Callable[[], MachineState] = MachineState,
    ) -> None:
        self._process, self._look = process, look
        self._request = request
        self._on_phase = on_phase
        self._line = bytearray()
        self._stderr = bytearray()
        self.phase = "start"
        self.ending: Ending | None = None
        self.ready: Ready | None = None

    def begin(self) -> None:
        """Sends the request."""
        self._process.tell(wire.encode(self._request))

    def end(self, how: How, detail: str = "", round_: Round | None = None) -> Ending:
        """Ends the conversation. The first ending counts; later calls only return it."""
        if self.ending is None:
            self.ending = Ending(how, self.phase, detail, round_)
        return self.ending

    def last_words(self, known: str) -> str:
        """The last lines of the worker's stderr that are not in `known`. Call it when the worker has ended."""
        for _ in range(LAST_READS):  # a process outside the group may still write
            data = read_available(self._process.stderr)
            if not data:
                break
            self._keep(data)
        lines = map(one_line, self._stderr.decode("utf-8", "replace").splitlines())
        # Neither Python's underlines nor C++ stack frames, which come after the reason.
        telling = [line for line in lines if line.strip("~^") and not FRAME.match(line) and line not in known]
        return " | ".join(telling[-SHOWN_LINES:])[-SHOWN_CHARACTERS:]

    def watch(self, selector: selectors.BaseSelector) -> None:
        """Registers the worker's files. The data of each key is a callback that says whether to go on watching its
        file; once the conversation has ended, none of its files is watched any longer.
        """
        selector.register(self._process.stdout, selectors.EVENT_READ, self._answers)
        selector.register(self._process.stderr, selectors.EVENT_READ, self._errors)
        if self._process.exit_file is not None:
            selector.register(self._process.exit_file, selectors.EVENT_READ, self._exited)

    def _answers(self) -> bool:
        data = read_available(self._process.stdout) if self.ending is None else None
        if data is None:
            self.end("silent")
            return False
        self._hear(data)
        return True

    def _exited(self) -> bool:
        """The process is gone, but its last lines may still be in the pipe."""
        while self.ending is None and (data := read_available(self._process.stdout)):
            self._hear(data)
        self.end("silent")
        return False

    def _errors(self) -> bool:
        """Reads once: endless output must not keep the parent from checking the deadline."""
        data = read_available(self._process.stderr) if self.ending is None else None
        if data:
            self._keep(data)
        return data is not None

    def _keep(self, data: bytes) -> None:
        self._stderr += data
        del self._stderr[:-KEPT_STDERR]

    def _hear(self, data: bytes) -> None:
        self._line += data
        while self.ending is None and (at := self._line.find(b"\n")) >= 0:
            line = bytes(self._line[:at])
            del self._line[: at + 1]
            self._take(line)
        if self.ending is None and len(self._line) > LONGEST_LINE:
            self.end("garbage", _shown(self._line))

    def _take(self, line: bytes) -> None:
        try:
            answer = admit(wire.decode(line, _decoder), LONGEST)
        except msgspec.DecodeError:
            self.end("garbage", _shown(line))
            return
        if isinstance(answer, Entered):
            self.phase = answer.phase
            self._on_phase(answer.phase)
        elif isinstance(answer, Ready):
            self.ready = answer
        elif isinstance(answer, Between):
            self._process.pause()
            state = self._look()
            self._process.go_on()
            self._process.tell(wire.encode(state))
        elif (answer.round.case, answer.round.round) == (self._request.case, self._request.round):
            self.end("finished", round_=answer.round)
        else:
            self.end("garbage", "a round of another case")


def _shown(line: bytes | bytearray) -> str:
    return repr(bytes(line[:120]))[1:]
