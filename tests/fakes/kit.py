"""A kit for ceilings whose every program takes 1 ns a unit of work on a virtual clock."""

from embbench.engines.ceilings import Program


class Scripted:
    def __init__(self, clock, free=1 << 40):
        self.clock, self._free, self.software = clock, free, {"scripted": "1"}
        self.most_rows, self.most_bytes = 4096, 1 << 20

    def free(self):
        return self._free

    def _program(self, amount):
        return Program(lambda times: self.clock.advance(times * amount * 1e-9), amount)

    def streams(self, size):
        return {"update": self._program(size), "write": self._program(size)}

    def rows(self, size, row, count):
        return {"gather": self._program(count * row)}

    def products(self, width):
        return {"product": self._program(width**3)}

    def touches(self, size):
        return {"touch": self._program(size)}
