"""Journals: append-only files with one Round per JSON line. No crash, full disk or second run can damage them.

A line is written at once and synced before `append` returns. A killed process or a power cut leaves at most one torn
last line behind. Readers skip a torn line, and the next writer cuts it off.
"""

import contextlib
import io
import os
import socket
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import filelock
import msgspec

from embbench.cases.regular_files import kind_of_file, read_file
from embbench.errors import FileError
from embbench.store.round import Round, decode, encode

TORN = "{}: the last line is torn (the run that wrote it was cut off there); {}"


_OPENING = b'{"schema":'


class Contents(msgspec.Struct, frozen=True):
    """The content of a journal. good: bytes up to the end of the last whole line. sealed: that line has a newline."""

    rounds: tuple[Round, ...]
    good: int
    size: int
    sealed: bool = True

    @property
    def torn(self) -> bool:
        return self.good < self.size


class Journal:
    """An open journal with an exclusive lock, `FILE.lock`, that names its holder. A context manager.

    A new file that stays empty is deleted at the end. rounds: the rounds in the file when it was opened. warnings:
    about repairs at that time. Raises FileError if the path cannot be written, is in use by another run, or has a
    damaged line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.warnings: tuple[str, ...] = ()
        self.rounds: tuple[Round, ...] = ()
        self._file = -1
        self._size = 0
        self._new = False
        self._lock = filelock.FileLock(f"{path}.lock")

    def __enter__(self) -> Self:
        _make_directory(self.path)
        self._take_lock()
        try:
            self._open()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._file)
        if self._new and not self._size:
            self.path.unlink(missing_ok=True)
        self._lock.release()

    def append(self, round_: Round) -> None:
        """Adds one line and syncs it. Raises FileError if that fails; the file is unchanged then."""
        self._write(encode(round_))

    def _open(self) -> None:
        try:
            self._new = not self.path.exists()
            self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        except OSError as error:
            raise FileError(
                f"{self.path}: cannot be written: {error.strerror}; name another file: --out FILE"
            ) from None
        try:
            self._mend(_parse(_read(self.path), self.path))
        except BaseException:
            os.close(self._file)
            raise

    def _mend(self, contents: Contents) -> None:
        self.rounds, self._size = contents.rounds, contents.good
        if contents.torn:
            try:
                os.ftruncate(self._file, contents.good)
            except OSError as error:
                raise FileError(f"{self.path}: its torn last line cannot be cut off: {error.strerror}") from None
            self.warnings = (TORN.format(self.path, "cut off; its round is measured again"),)
        if not contents.sealed:
            self._write(b"\n")

    def _write(self, line: bytes) -> None:
        try:
            written = os.write(self._file, line)
            while written < len(line):  # a full disk takes only a part at first
                written += os.write(self._file, line[written:])
            os.fsync(self._file)
        except OSError as error:
            with contextlib.suppress(OSError):  # then a torn line stays, which readers skip
                os.ftruncate(self._file, self._size)
            raise FileError(
                f"{self.path}: this round could not be saved: {error.strerror}; all rounds before it are safe; "
                "make room and run the same command again"
            ) from None
        self._size += len(line)

    def _take_lock(self) -> None:
        mark = Path(self._lock.lock_file)
        try:
            holder = mark.read_text(encoding="utf-8").strip()  # before acquiring: some versions empty the file then
        except (OSError, UnicodeDecodeError):
            holder = ""
        try:
            self._lock.acquire(blocking=False)
            mark.write_text(f"process {os.getpid()} on {socket.gethostname()}\n", encoding="utf-8")
        except filelock.Timeout:
            if not mark.exists():  # a directory without new files, such as /proc, looks like a held lock
                raise FileError(f"{self.path}: cannot be written there; name another file: --out FILE") from None
            raise FileError(
                f"{self.path}: another embbench writes to it ({holder or 'process unknown'}); "
                "wait for it, or name another file: --out FILE"
            ) from None
        except (OSError, NotImplementedError) as error:  # filelock raises the latter without locks
            reason = getattr(error, "strerror", None) or error
            raise FileError(f"{self.path}: cannot be locked: {reason}; name another file: --out FILE") from None


def read_rounds(paths: Iterable[Path | str]) -> tuple[list[Round], list[str]]:
    """(rounds of all files in order, warnings about torn last lines and about files without rounds).

    Raises FileError if a file is missing, unreadable, of another schema or damaged before its end, or if all files are
    empty.
    """
    rounds: list[Round] = []
    warnings: list[str] = []
    empty: list[Path] = []
    for path in map(Path, paths):
        contents = _parse(_read(path), path)
        if contents.torn:
            warnings.append(TORN.format(path, "ignored"))
        if not contents.rounds:
            empty.append(path)
        rounds.extend(contents.rounds)
    if empty and not rounds:
        named, them = ", ".join(map(str, empty)), "it" if len(empty) == 1 else "them"
        raise FileError(f"{named}: no rounds in {them}; `embbench run --out {empty[0]}` measures some")
    return rounds, warnings + [f"{path}: the file has no rounds" for path in empty]


def is_journal(path: Path) -> bool:
    """Whether a regular file begins like a line of a journal. False if the file cannot be read."""
    with contextlib.suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                return file.read(len(_OPENING)) == _OPENING
    return False


def _parse(data: bytes, path: Path) -> Contents:
    """Only a last line without a newline may be broken: lines are written whole, so no other line is torn."""
    rest = data[data.rfind(b"\n") + 1 :]
    rounds, number = [], 0
    for number, line in enumerate(io.BytesIO(data), 1):  # split would hold all lines twice
        if line.endswith(b"\n") and line.strip():
            rounds.append(decode(line, f"{path} line {number}"))
    if not rest:
        return Contents(tuple(rounds), len(data), len(data))
    try:
        return Contents((*rounds, decode(rest, f"{path} line {number}")), len(data), len(data), sealed=False)
    except FileError:
        if not _begun(rest):  # never cut off text of another program: --out may name any file
            raise
        return Contents(tuple(rounds), len(data) - len(rest), len(data))


def _begun(rest: bytes) -> bool:
    """Whether `rest` is the beginning of a journal line, or the zeros that a power cut leaves behind."""
    return rest.startswith(_OPENING[: len(rest)]) or not rest.strip(b"\0")


def _read(path: Path) -> bytes:
    try:
        return read_file(path, pipe=True)
    except FileNotFoundError:
        raise FileError(f"{path}: no such file; `embbench run` writes results under results/local/") from None
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from None


def _make_directory(path: Path) -> None:
    try:
        if path.is_dir():
            raise FileError(f"{path}: is a directory; name a file in it: --out {path / 'results.jsonl'}")
        if path.exists() and not path.is_file():  # appended lines could not be read again
            raise FileError(f"{path}: is {kind_of_file(path.stat().st_mode)}; name a file: --out FILE")
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{path}: cannot make its directory: {error.strerror}; name another: --out FILE") from None
