"""The audit: does this contender do, step by step, what it declares? A small table is compared with the oracle."""

from collections.abc import Callable

import msgspec
import numpy as np

from embbench.cases.case import Case, batch_for
from embbench.cases.contender import Trial
from embbench.cases.precision import as_read
from embbench.cases.semantics import moves_others
from embbench.cases.streams import Tokens
from embbench.cases.update_path import Path
from embbench.cases.workload import CLASSES, TABLE_RANGE
from embbench.cases.workload_axes import WORKLOAD_AXES
from embbench.contenders import Contender
from embbench.oracle.doubt import EPSILON
from embbench.oracle.step import Oracle
from embbench.store.round import Audit
from embbench.workloads import workload_of

Prepare = Callable[[Case, Tokens], Trial]

ROWS, USED, LATER = 48, 36, 12  # rows of the table; rows that occur at all; rows that occur after the third step
LARGE, LENGTH = 7, 10.0  # every LARGE-th row of the table has the norm LENGTH
STEPS, BATCH, SEQ, MOST_WIDTH, PADDING = 6, 4, 6, 16, 3
NARROW = {"bfloat16": 8, "float16": 11}  # significant bits of a value, the leading bit included
SHARE = {"float32": 1e-4, "float64": 1e-9}  # allowed error of rows and losses, as a share of the largest movement


class Findings:
    """Collects comparisons. Keeps the largest relative error beyond rounding and the first difference."""

    def __init__(self, semantic: str, dtype: str, kept: str = "") -> None:
        """kept: `Path.kept`, for a table stored in fewer bits."""
        self.semantic, self.dtype, self._kept = semantic, dtype, kept
        self.max_error, self.checks = 0.0, 0
        self.difference: str | None = None
        self.left_out = ""  # what could not be checked, and why

    def leave_out(self, what: str) -> None:
        """what: the check that was not possible, and why."""
        self.left_out += f"; {what}" if self.left_out else what

    def loss(self, when: str, got: float, want: float, slack: float = 0.0) -> None:
        """slack: error that honest rounding may cause."""
        self._compare(f"{when}: loss {got:.9g}, the oracle has {want:.9g}", abs(got - want), abs(want), slack)

    def rows(self, when: str, ids: np.ndarray, got: np.ndarray, start: np.ndarray, oracle: Oracle) -> None:
        """Compares rows (R, D) with the rows of the oracle. start: the rows before the first step."""
        want = oracle.rows
        if not self.shown(when, got, want.shape):
            return
        unlike = oracle.unlike(got)
        self.fact(not unlike, f"{when}: {unlike}")
        movement = float(np.abs(want - start).max())
        # by row: the rounding of a large row would hide errors of a small row
        rounding = 8 * EPSILON[self.dtype] * np.abs(want).max(axis=1, keepdims=True)
        off = np.maximum(np.abs(got.astype(np.float64) - want) - oracle.slack, 0.0)
        row, column = np.unravel_index(int(np.argmax(off - rounding)), off.shape)
        wrong = int((off > SHARE[self.dtype] * movement + rounding).sum())
        text = (
            f"{when}: row {ids[row]} is {got[row, column]:.9g} in column {column}, the oracle has "
            f"{want[row, column]:.9g}; {wrong} of {off.size} entries differ too much{self._narrow(got)}"
        )
        self._compare(text, float(off[row, column]), movement, float(rounding[row, 0]))
        oracle.adopt(got)

    def shown(self, when: str, rows: np.ndarray, shape: tuple[int, ...]) -> bool:
        """Whether rows have the case's dtype and the right shape."""
        right = getattr(rows, "shape", None) == shape and str(getattr(rows, "dtype", "")) == self.dtype
        kind = f"{getattr(rows, 'dtype', type(rows).__name__)} of shape {getattr(rows, 'shape', '?')}"
        self.fact(right, f"{when}: `read_rows` returned {kind} instead of {self.dtype} of shape {shape}")
        return right

    def same(self, when: str, ids: np.ndarray, before: np.ndarray, after: np.ndarray) -> None:
        """Rows that must be bit-identical."""
        moved = np.flatnonzero((before != after).any(axis=1))
        text = f"{when}: row {ids[moved[0]] if len(moved) else 0} moved and must not{self._narrow(after)}"
        self.fact(len(moved) == 0, text)

    def _narrow(self, rows: np.ndarray) -> str:
        return "" if self._kept else narrow(rows)

    def fact(self, holds: bool, otherwise: str) -> None:
        """Any other condition that must hold."""
        self.checks += 1
        if not holds and self.difference is None:
            self.difference = otherwise

    def verdict(self) -> Audit:
        semantic = f"{self.semantic} {self._kept}".rstrip()
        return Audit(semantic, self.difference is None, self.max_error, self.checks, self.difference)

    def _compare(self, text: str, off: float, scale: float, rounding: float = 0.0) -> None:
        if np.isfinite(off):  # JSON has no infinity; an infinite loss is reported as a difference
            self.max_error = max(self.max_error, max(off - rounding, 0.0) / scale if scale > 0 else 0.0)
        self.fact(bool(off <= SHARE[self.dtype] * scale + rounding), text)


def narrow(rows: np.ndarray) -> str:
    """The end of a sentence that names the narrower type in which rows seem to be stored; '' if there is none."""
    values = rows[rows != 0].astype(np.float64)
    if rows.dtype != np.float32 or not len(values) or not np.isfinite(values).all():
        return ""
    for name, bits in NARROW.items():
        digits = np.frexp(values)[0] * 2.0**bits
        if (digits == np.round(digits)).all():
            return f"; no value has more than {bits} significant bits: the table may be stored in {name}"
    return ""


def audit_case(case: Case) -> Case:
    """The small version of the case. Everything that chooses the code path stays."""
    sizes = ("dim", *(name for name, axis in WORKLOAD_AXES.items() if axis.unit))
    width = {name: min(getattr(case, name), MOST_WIDTH) for name in sizes}
    return msgspec.structs.replace(case, vocab=ROWS, batch=batch_for(case.ranks, BATCH), seq=SEQ, **width)


def audit_tokens(small: Case) -> Tokens:
    """Every batch repeats ids. One batch holds a single row only, another batch is padded with id 0 in front and
    behind. Some rows stop occurring, some rows never occur, and the table's last rows occur. Padding is a row like any
    other row: it is looked up, run through the network and trained, as frameworks do without a mask.
    """
    rng = np.random.default_rng([small.seed, 3])
    ids = rng.integers(0, USED, (STEPS, small.batch, SEQ))
    ids[2, 0, :PADDING] = ids[2, 1, -PADDING:] = ids[2, 2] = 0
    ids[3:] = rng.integers(0, LATER, (STEPS - 3, small.batch, SEQ))
    ids[:, -1, -1] = ROWS - 1 - np.arange(STEPS)
    ids[1] = 5
    return Tokens(ids, rng.integers(0, CLASSES, (STEPS, *workload_of(small).label_shape(small))))


def audit_values(seed: int, dim: int) -> np.ndarray:
    """(ROWS, dim). Every LARGE-th row is as long as rows become in a long training, so that clipped rows show."""
    values = np.random.default_rng([seed, 4]).uniform(-TABLE_RANGE, TABLE_RANGE, (ROWS, dim))
    values[::LARGE] *= LENGTH / np.linalg.norm(values[::LARGE], axis=1, keepdims=True)
    return values


def audit_small(contender: Contender, prepare: Prepare, case: Case, findings: Findings) -> None:
    """Steps a small table and the oracle. Compares the loss and all rows after every step, and untouched rows bit by
    bit.
    """
    small = audit_case(case)
    tokens = audit_tokens(small)
    everything = np.arange(ROWS)
    values = audit_values(case.seed, small.dim)
    trial = prepare(small, tokens)
    path = contender.declaration.path(small)
    assert isinstance(path, Path)
    values = as_read(values, path.precision, case.dtype)
    trial.write_rows(everything, values)
    start = before = trial.read_rows(everything).copy()
    findings.same("after write_rows", everything, start, values)
    oracle = Oracle(small, contender.declaration, everything, start)
    for step, (ids, labels) in enumerate(zip(tokens.ids, tokens.labels, strict=True), 1):
        trial.step()
        trial.sync()
        want = oracle.step(ids, labels)
        findings.loss(f"step {step}", trial.loss(), want, oracle.loss_slack)
        after = trial.read_rows(everything).copy()
        findings.rows(f"step {step}", everything, after, start, oracle)
        still = _must_stay(findings.semantic, case, ids, tokens.ids[:step])
        findings.same(f"step {step}", still, before[still], after[still])
        before = after


def _must_stay(semantic: str, case: Case, ids: np.ndarray, so_far: np.ndarray) -> np.ndarray:
    """Rows that a step must leave bit-identical."""
    everything = np.arange(ROWS)
    if semantic == "frozen":
        return everything
    if moves_others(semantic):  # state of rows that never occurred is zero; only decay moves them
        return everything[:0] if case.optimizer == "adamw" else np.setdiff1d(everything, so_far)
    return np.setdiff1d(everything, ids)
