"""A contender with a single pair of update and optimizer, of which the semantic class may be changed."""

import hashlib
from pathlib import Path

from msgspec import Struct
from msgspec.json import encode

from embbench.cases.case import make_case
from embbench.contenders import Contender, discover, read
from tests.contenders.auditing import Job


class Finding(Struct, frozen=True):
    """An (update, optimizer) pair of a contender, declared with the semantic class `semantic`. deep: see Job."""

    name: str
    update: str
    optimizer: str
    semantic: str
    deep: bool = False

    def __repr__(self) -> str:
        return f"{self.name}-{self.update}-{self.optimizer}-{self.semantic}"

    def job(self, place: Path) -> Job:
        """The built-in contender's own audit if it declares the same class: the tests of contracts may need that audit
        too. Else the audit of a file with the changed declaration, in the folder `place`.
        """
        built_in = discover()[self.name]
        axes = {"table": "trainable", "optimizer": self.optimizer, "dtype": "float32", "update": self.update}
        if built_in.declaration.semantic(make_case(axes)) == self.semantic:
            return Job(built_in, axes, self.deep)
        return Job(self._contender(place), axes, self.deep)

    def _contender(self, place: Path) -> Contender:
        built_in = discover()[self.name]
        declared = built_in.declaration
        declares = {
            "summary": "one pair",
            "packages": list(declared.packages),
            "environment": declared.environment,
            "epsilon": declared.epsilon,
            "lstm_biases": declared.lstm_biases,
            "tables": ["trainable"],
            "updates": {self.update: {self.optimizer: {"semantic": self.semantic}}},
        }
        source = Path(built_in.path).read_text(encoding="utf-8").replace("\nDECLARES = ", "\nBUILT_IN = ")
        path = place / hashlib.sha256(encode(self)).hexdigest()[:8] / f"{self.name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"DECLARES = {declares!r}\n{source}", encoding="utf-8")
        return read(path)
