"""A line whose checksum holds and that no embbench wrote all the same."""

import zlib

import msgspec
import pytest

from embbench.errors import FileError
from embbench.store.round import decode, encode
from tests.made_up import case, measured


def sealed(changed) -> bytes:
    """A line of one round, changed, with the checksum that belongs to it."""
    told = msgspec.json.decode(encode(measured(case(), [0.1])[0]))
    del told["crc32"]
    changed(told)
    body = msgspec.json.encode(told)[:-1].replace(b'"1e999"', b"1e999")
    return body + b',"crc32":"%08x"}\n' % zlib.crc32(body)


def at(*keys):
    """Sets what stands at these keys."""

    def change(told, value):
        for key in keys[:-1]:
            told = told[key]
        told[keys[-1]] = value

    return change


VALUES = at("metrics", "step_time", "values")
WRONG = [
    *((VALUES, value, "step_time|metrics") for value in ([], ["1e999"], [0.1, None])),
    *((at("case", name), -1, f"{name}: -1 is out of range") for name in ("vocab", "dim", "threads", "seed")),
    *((at("case", name), 0, f"{name}: 0 is out of range") for name in ("vocab", "hidden", "layers", "batch", "seq")),
    (at("case", "vocab"), 2**41, "vocab: .* is out of range"),
    *((VALUES, [0.0, value], "step_time|metrics") for value in (5e-324, -5e-324, 1e31, -1e31, 1.7e308)),
    *((at("metrics", "host_peak", "values"), [value], "host_peak|metrics") for value in (1e101, -1e101)),
    *((at("round"), value, "round") for value in (-1, 2**41)),
    (at("machine", "memory"), 2**64, "machine.memory is out of range"),
    (at("machine", "cpus"), -1, "machine.cpus is out of range"),
    (at("protocol", "rounds"), 2**41, "rounds: more than"),
    *((at("declared"), {"semantic": "exact", "copies": value}, "declared.copies") for value in (-1, 1e300)),
    (at("protocol", "rounds"), 0, "rounds: 0 is too few"),
    (at("protocol", "least_samples"), 1, "least_samples: 1 is too few"),
    (at("protocol", "batches"), 1, "batches: 1 is too few"),
    (at("protocol", "budget"), -1.0, "budget: -1.0 is not a time"),
    (at("protocol", "timeout"), "1e999", "timeout"),
]


@pytest.mark.parametrize(("change", "value", "told"), WRONG)
def test_what_no_embbench_writes_is_refused(change, value, told):
    line = sealed(lambda round_: change(round_, value))
    with pytest.raises(FileError, match=f"^here: not a round: .*({told})"):
        decode(line, "here")


def test_what_embbench_may_write_is_read():
    line = sealed(lambda round_: VALUES(round_, [0.0, -0.1, 1e30]))
    assert decode(line, "here").metrics["step_time"].values == (0.0, -0.1, 1e30)


def test_a_number_of_hundreds_of_digits_is_refused():
    def huge(told):
        told["machine"]["memory"] = "1e999"

    line = sealed(huge).replace(b"1e999", b"9" * 400)
    body = line[: line.rindex(b',"crc32"')]
    with pytest.raises(FileError, match=r"not a round|not a line"):
        decode(body + b',"crc32":"%08x"}\n' % zlib.crc32(body), "here")
