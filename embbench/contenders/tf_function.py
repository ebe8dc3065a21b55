"""TensorFlow without Keras's trainer: a tf.function step, a tf.Variable as table, TensorFlow's training kernels."""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.tensorflow.device import set_up
from embbench.engines.tensorflow.trial import TensorFlowTrial

DECLARES = {
    "summary": "TensorFlow: a tf.function step, IndexedSlices, TensorFlow's own training kernels",
    "packages": ["tensorflow-cpu|tensorflow", "keras"],
    "environment": {"KERAS_BACKEND": "tensorflow"},
    "devices": ["cpu", "cuda"],
    "ids": ["int64", "int32"],
    "base": 7.6e8,
    "start": 10.0,
    "engine_workloads": "tensorflow",
    "engine": "tensorflow/kernels",
    "updates": ["default", "fused", "sparse"],
}


def prepare(case: Case, tokens: Tokens) -> TensorFlowTrial:
    set_up(case)
    return TensorFlowTrial(case, tokens)
