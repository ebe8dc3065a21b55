"""A Case: a point of the space that embbench measures. Every field is an axis."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from embbench import wire
from embbench.cases.runtimes import RUNTIMES, SYSTEM
from embbench.cases.tokens import parse_tokens
from embbench.cases.workload_axes import AXES_OF, TABLES_OF, TOKENS_OF, UNUSED_OF, WORKLOAD_AXES, WorkloadAxis
from embbench.errors import UsageError, quoted, unknown
from embbench.plain import has_orders, one_line

TABLES = ("frozen", "trainable", "hybrid", "onehot")
NO_TABLE = "none"
OPTIMIZERS = ("sgd", "momentum", "adagrad", "adam", "adamw")
DTYPES = ("float32", "float64")
DEVICES = ("cpu", "cuda")
IDS = ("int64", "int32")
NO_UPDATE = "none"
MOST = 2**40  # of any count


class CommonAxes(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The work of a trial. A default is the meaning of lines that are older than the field. A Case has these axes, and
    the axes that workloads add (`cases.workload_axes`).

    workload: network, labels and loss, a file in `workloads/`. table: frozen (no row trains), trainable, hybrid (a
    large frozen part beside a small trainable one), onehot (trainable, its rows reached by a product of one-hot vectors
    with the whole table instead of a lookup), none. update: how the gradient reaches the table; contenders name their
    own. 'none' where no table trains. runtime: memory settings of the process, see `cases.runtimes`. vocab, dim: rows
    and columns of the table. batch, seq: tokens are (batch, seq). tokens: the stream, see `cases.tokens`. ids: integer
    type of the ids. ranks: processes that share each step. threads: CPU threads, divided among the ranks; 0 means all
    CPUs of the process.
    """

    contender: str = "pytorch"
    workload: str = "classifier"
    table: str = "trainable"
    update: str = "default"
    runtime: str = SYSTEM
    optimizer: str = "adam"
    vocab: int = 200_000
    dim: int = 128
    batch: int = 32
    seq: int = 64
    tokens: str = "words"
    ids: str = "int64"
    dtype: str = "float32"
    device: str = "cpu"
    ranks: int = 1
    threads: int = 0
    seed: int = 0

    @property
    def rows_per_step(self) -> int:
        """N, the lookups of a step, with repeated rows."""
        return self.batch * self.seq

    @property
    def threads_of_rank(self) -> int:
        """CPU threads of each of the processes that share a step."""
        return max(1, self.threads // self.ranks)

    @property
    def lookups(self) -> int:
        """The name of `rows_per_step` in contender files of users."""
        return self.rows_per_step

    @property
    def itemsize(self) -> int:
        """Bytes of one element of the table."""
        return 8 if self.dtype == "float64" else 4

    @property
    def table_bytes(self) -> int:
        """Bytes of the whole table, V·D·b; 0 without a table."""
        return 0 if self.table == NO_TABLE else self.vocab * self.dim * self.itemsize

    if TYPE_CHECKING:

        def __getattr__(self, axis: str) -> Any:
            """An axis that a workload adds."""


if TYPE_CHECKING:
    Case = CommonAxes
else:
    Case = msgspec.defstruct(
        "Case",
        [(name, type(axis.default), axis.default) for name, axis in WORKLOAD_AXES.items()],
        bases=(CommonAxes,),
        module=__name__,
        namespace={"__doc__": CommonAxes.__doc__},
        frozen=True,
        kw_only=True,
        gc=False,
    )

_BEFORE = CommonAxes.__struct_fields__.index("batch")  # the workload's axes stand between those of table and batch
AXES: tuple[str, ...] = (
    *CommonAxes.__struct_fields__[:_BEFORE],
    *WORKLOAD_AXES,
    *CommonAxes.__struct_fields__[_BEFORE:],
)
WAYS = ("contender", "table", "update", "runtime", "optimizer", "ranks")  # axes that choose how the same work is done
COUNT_AXES = frozenset(field.name for field in msgspec.structs.fields(Case) if field.type is int)
_HALVES = ("bfloat16", "bf16", "float16", "fp16", "half")
_TABLE_ONLY = (
    "16 bits exist for the table only, by its update: --update bfloat16, bfloat16_master or compact_bfloat16 with "
    "--dtype float32 ('embbench list contenders' shows the updates)"
)
_CLOSED = {
    "table": (*TABLES, NO_TABLE),
    "runtime": tuple(RUNTIMES),
    "optimizer": OPTIMIZERS,
    "ids": IDS,
    "dtype": DTYPES,
    "device": DEVICES,
    **{name: axis.choices for name, axis in WORKLOAD_AXES.items() if axis.choices},
}


def make_case(values: dict[str, Any]) -> Case:
    """A valid, canonical Case from axis values. Raises UsageError with the axis and the nearest valid value."""
    for name in values:
        if name not in AXES:
            raise UsageError(unknown("axis", name, AXES))
    for name, value in values.items():
        if name in COUNT_AXES:
            _check_count(name, value)
        elif not isinstance(value, str):
            raise UsageError(f"{name}: {quoted(value)} is not text")
        elif has_orders(value):
            raise UsageError(f"{name}: {quoted(one_line(value))} has control characters; use a name without them")
        elif name in _CLOSED and value not in _CLOSED[name]:
            if name == "dtype" and value in _HALVES:
                raise UsageError(f"dtype: {quoted(value)}: {_TABLE_ONLY}")
            raise UsageError(f"{name}: " + unknown("value", value, _CLOSED[name]))
    case = Case(**values)
    if "table" not in values and len(kinds := tables_of(case.workload)) == 1:
        case = msgspec.structs.replace(case, table=kinds[0])
    _check_workload_axes(case)
    case = msgspec.structs.replace(case, tokens=parse_tokens(case.tokens).canonical)
    if case.table in ("frozen", NO_TABLE):
        case = msgspec.structs.replace(case, update=NO_UPDATE)
    elif case.update == NO_UPDATE:
        raise UsageError(f"update: 'none' is for frozen tables; {case.table} needs an update such as 'default'")
    return case


def batch_for(ranks: int, least: int) -> int:
    """The smallest batch, of `least` sequences or more, that the ranks can share."""
    return math.ceil(least / ranks) * ranks


def check_counts(case: Case) -> None:
    """Raises UsageError for a count that `make_case` would refuse, in a Case from a file."""
    for name in COUNT_AXES:
        _check_count(name, getattr(case, name))


def case_id(case: Case) -> str:
    """Short hash of the canonical form. Axes at their default do not count, so a new axis keeps old ids."""
    defaults = Case()
    values = {name: getattr(case, name) for name in sorted(AXES) if getattr(case, name) != getattr(defaults, name)}
    return hashlib.sha256(wire.encode(values)).hexdigest()[:10]


def label(case: Case, also: Iterable[str] = ()) -> str:
    """The name of a case, on a line: contender, table, update, runtime, optimizer, vocabulary, and the axes of `also`.
    An update 'none' and the runtime of the system are left out.
    """
    from embbench.cases.units import format_count

    words = [case.contender, case.table if case.table != NO_TABLE else case.workload]
    words += [name for name in (case.update, case.runtime) if name not in (NO_UPDATE, SYSTEM)]
    words += [case.optimizer] if has_axis(case, "optimizer") else []
    words += [f"vocab={format_count(case.vocab)}"] if has_axis(case, "vocab") else []
    return one_line(" ".join([*words, *(f"{axis}={getattr(case, axis)}" for axis in also if has_axis(case, axis))]))


def label_both(one: Case, other: Case, also: Iterable[str] = ()) -> str:
    """The name of two compared cases: 'pytorch trainable default → fused adam vocab=2M'."""
    texts = [name for name in AXES if name not in COUNT_AXES and getattr(one, name) != getattr(other, name)]
    both = {name: f"{getattr(one, name)} → {getattr(other, name)}" for name in texts}
    first, second = (label(msgspec.structs.replace(case, **both), also) for case in (one, other))
    return first if first == second else f"{first} → {second}"


def also_varying(cases: Sequence[Case]) -> tuple[str, ...]:
    """The axes in which the cases differ, without the axes that `label` always has."""
    named = ("contender", "table", "update", "runtime", "optimizer", "vocab")
    return tuple(name for name in AXES if name not in named and len({getattr(case, name) for case in cases}) > 1)


def has_axis(case: Case, axis: str) -> bool:
    """Whether the case's workload has the axis. A workload of another version may have any."""
    if axis in WORKLOAD_AXES:
        known = AXES_OF.get(case.workload, WORKLOAD_AXES)
        return axis in known and not _lacking(case, known[axis])
    return axis not in UNUSED_OF.get(case.workload, ())


def tables_of(workload: str) -> tuple[str, ...]:
    """The kinds of table that a workload has."""
    return TABLES_OF.get(workload) or TABLES


def _check_workload_axes(case: Case) -> None:
    """Of a workload that is known here; a worker of another version may know more."""
    if case.workload in AXES_OF:
        usual = Case()
        for name in (*WORKLOAD_AXES, *UNUSED_OF[case.workload]):
            if not has_axis(case, name) and getattr(case, name) != getattr(usual, name):
                axis = AXES_OF[case.workload].get(name)
                owner = f"workload {case.workload}" if axis is None else _lacking(case, axis)
                raise UsageError(f"{name}: the {owner} has no such axis")
        if case.trainable_dim >= case.dim:
            raise UsageError(f"trainable_dim: {case.trainable_dim} of {case.dim} columns leave no frozen part")
        tables, streams = tables_of(case.workload), TOKENS_OF[case.workload]
        if case.table not in tables:
            raise UsageError(f"table: {case.table}: the workload {case.workload} has {', '.join(tables)}")
        if streams and (kind := parse_tokens(case.tokens).kind) not in streams:
            raise UsageError(f"tokens: {kind}: the workload {case.workload} has {', '.join(streams)}")


def _lacking(case: Case, axis: WorkloadAxis) -> str:
    """What of the case lacks an axis of its workload; '' where the case has the axis."""
    if axis.table not in ("", case.table):
        return f"table {case.table}"
    kind = parse_tokens(case.tokens).kind
    return "" if axis.tokens in ("", kind) else f"token stream {kind}"


def _check_count(name: str, value: Any) -> None:
    lowest = 0 if name in ("seed", "threads") else WORKLOAD_AXES[name].least if name in WORKLOAD_AXES else 1
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{name}: {quoted(value)} is not a whole number")
    if not lowest <= value <= MOST:
        raise UsageError(f"{name}: {value} is out of range; give {lowest} or more")
