"""Precision: a table in fewer bits than everything else, and the rounding of its numbers."""

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:  # the parent reads declarations without loading NumPy
    import numpy as np

# Type -> significant bits, including the leading bit; exponent of the smallest number above 0; the largest number.
# bfloat16: the upper half of a float32. float16: binary16 of IEEE 754-2019.
FORMATS = {"bfloat16": (8, -133, (2 - 2**-7) * 2.0**127), "float16": (11, -24, 65504.0)}
ITEMSIZE = 2  # bytes
SHORT = {"bfloat16": "bf16", "float16": "fp16"}

Kept = Literal["table", "float32"]


class Precision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a path stores its table, if not in the case's dtype. Everything else stays in the case's dtype, float32.

    table: type of the stored rows. A lookup gives these rows, widened; `read_rows` gives them too.
    master: whether the optimizer moves a float32 copy of the table, from which the stored rows are rounded after each
    step. The copy starts as the stored rows, and `write_rows` sets both alike. Without a copy the optimizer moves the
    stored rows themselves.
    gradient: the type in which a row's gradient reaches the optimizer. 'table': the gradients of the row's occurrences
    are rounded, and added in that type, in any order. 'float32': their sum is not rounded.
    states: the type in which the optimizer's state is stored; None for float32 with a master copy, and for the table's
    type without.
    The optimizer computes in float32 and rounds once, when it stores: to the nearest, ties to even. Its rate may be in
    the table's type.
    """

    table: Literal["bfloat16", "float16"]
    master: bool = False
    gradient: Kept = "table"
    states: Kept | None = None

    @property
    def wide_states(self) -> bool:
        """Whether the optimizer's state is float32."""
        return self.states == "float32" or (self.states is None and self.master)

    def short(self, states: int) -> str:
        """The second word of a case's class: 'bf16', and after '+' what stays in float32. states: number of the
        optimizer's state arrays.
        """
        wide = {
            "master": self.master,
            "states": states > 0 and self.wide_states,
            "gradients": self.gradient == "float32",
        }
        return "+".join([SHORT[self.table], *(name for name, holds in wide.items() if holds)])

    def __str__(self) -> str:
        master = "float32 master copy" if self.master else "no master copy"
        gradient, states = (
            "float32" if wide else self.table for wide in (self.gradient == "float32", self.wide_states)
        )
        return f"table {self.table}, {master}, gradient {gradient}, optimizer state {states}"


def rounded(values: "np.ndarray", name: str) -> "np.ndarray":
    """float64: the nearest numbers of a type of FORMATS, ties to even; infinite above its largest number."""
    import numpy as np

    values, largest = np.asarray(values, np.float64), FORMATS[name][2]
    steps = unit(values, name)
    nearest = np.rint(values / steps) * steps
    return np.where(np.abs(nearest) > largest, np.copysign(np.inf, values), nearest)


def unit(values: "np.ndarray", name: str) -> "np.ndarray":
    """float64: the distance between neighbouring numbers of a type of FORMATS at `values`, on the side away from 0."""
    import numpy as np

    bits, smallest, _ = FORMATS[name]
    values = np.asarray(values, np.float64)
    exponent = np.where(values == 0, smallest, np.frexp(values)[1] - bits)
    return np.ldexp(1.0, np.maximum(exponent, smallest))


def as_read(values: "np.ndarray", precision: Precision | None, dtype: str) -> "np.ndarray":
    """The result of `read_rows` for a table that was set to `values`. dtype: the case's."""
    values = values.astype(dtype)
    return values if precision is None else rounded(values, precision.table).astype(dtype)
