"""Shared by the contenders on TensorFlow: threads, fence, memory, rows of a variable, facts from a traced graph."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported


def set_up(case: Case) -> None:
    """Pools of `case.threads` threads, before the first operation starts the runtime; no TF32."""
    if case.device == "cuda" and not tf.config.list_physical_devices("GPU"):
        raise Unsupported("no CUDA device")
    pools = tf.config.threading
    if (pools.get_intra_op_parallelism_threads(), pools.get_inter_op_parallelism_threads()) != (case.threads,) * 2:
        pools.set_intra_op_parallelism_threads(case.threads)
        pools.set_inter_op_parallelism_threads(case.threads)
    tf.config.experimental.enable_tensor_float_32_execution(False)


def sync() -> None:
    tf.test.experimental.sync_devices()


def memory(case: Case) -> dict[str, int]:
    if case.device != "cuda":
        return {}
    peak = tf.config.experimental.get_memory_info("GPU:0")["peak"]
    tf.config.experimental.reset_memory_stats("GPU:0")
    return {"device_peak": peak}


def read_rows(table: tf.Variable, ids: np.ndarray) -> np.ndarray:
    """(len(ids), columns). Through the variable's value, which costs nothing. Gathering from the variable itself was
    rejected: it puts the variable permanently into the mode in which every reader gets a copy of the whole table.
    """
    return tf.gather(table.read_value(), ids).numpy()


def write_rows(table: tf.Variable, ids: np.ndarray, values: np.ndarray) -> None:
    """Writes through a copy of the table, for the same reason."""
    table.assign(tf.tensor_scatter_nd_update(table.read_value(), ids[:, None], values))


def settings() -> dict[str, str]:
    """Sizes of the pools according to TensorFlow, and the number of threads."""
    pools, names = tf.config.threading, [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    told = f"{pools.get_intra_op_parallelism_threads()} intra-op, {pools.get_inter_op_parallelism_threads()} inter-op"
    tf32 = tf.config.experimental.tensor_float_32_execution_enabled()
    return {"threads": f"{told}, {names.count('tf_Compute')} seen in all", "tf32": "on" if tf32 else "off"}


class Traced:
    """Facts from the traced functions of a tf.function that has run."""

    def __init__(self, function: tf.types.experimental.PolymorphicFunction) -> None:
        graphs = [concrete.graph.as_graph_def() for concrete in function._list_all_concrete_functions()]
        inner = [each for graph in graphs for each in graph.library.function]
        self.operations = {node.op for graph in graphs for node in graph.node}
        self.operations |= {node.op for each in inner for node in each.node_def}
        self.compiled = any(each.attr["_XlaMustCompile"].b for each in inner)

    def describe(self) -> dict[str, str]:
        lstm = "while loop over time steps" if self.operations & {"While", "StatelessWhile"} else "unknown"
        if "CudnnRNNV3" in self.operations:
            lstm = "cuDNN"
        return {"lstm": lstm, "xla": "on, one program" if self.compiled else "off"}
