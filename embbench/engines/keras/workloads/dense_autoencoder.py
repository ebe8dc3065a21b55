"""The autoencoder in Keras 3, and what its Adadelta does without arguments."""

from collections.abc import Iterator

import keras

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation
from embbench.engines.keras.workloads._dense import KerasDense, make_optimizer, numbers_of
from embbench.workloads import ByName
from embbench.workloads._autoencoder_plan import SETUPS, plan_of
from embbench.workloads._optimizer_facts import LENGTHS, MOVED_2019, NUMBERS, moved, of_adadelta

CHOICES = {"change": ["asked", "own", "adam", "sgd", "linear_code", "relu_last"]}
SLOWER = 1e-3  # rate of Adadelta without arguments
OWN = (
    "Adadelta without arguments has rate 0.001, in TensorFlow's Keras since 1.14 (tensorflow#30941, tensorflow#36785); "
    "it moves a thousandth of what it moved in 2019, when the rate was 1"
)


def prepare(case: Case, drawn: ByName) -> KerasDense:
    return KerasDense(case, drawn, plan_of(case), _claims() if case.change == "asked" else ())


def _claims() -> Iterator[Claim]:
    by_name = {NUMBERS.name: Deviation((SLOWER, 0.95, 1e-7), OWN)}
    for each, value in zip(moved(own=True), MOVED_2019, strict=True):
        by_name[each.name] = Deviation((SLOWER * value,), OWN)
    yield from of_adadelta(_moved, _numbers, by_name)


def _numbers() -> list[float]:
    optimizer = make_optimizer(SETUPS["own"])
    return numbers_of(optimizer, float(keras.ops.convert_to_numpy(optimizer.learning_rate)))


def _moved(own: bool) -> list[float]:
    weight, found = keras.Variable(0.0), []
    optimizer, one = make_optimizer(SETUPS["own" if own else "asked"]), keras.ops.ones(())
    optimizer.build([weight])
    for length in range(1, LENGTHS[-1] + 1):
        optimizer.apply([one], [weight])
        if length in LENGTHS:
            found.append(-float(keras.ops.convert_to_numpy(weight)))
    return found
