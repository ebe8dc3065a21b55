"""The devices of all ranks as a mesh, and the placements of arrays on it."""

import os
from typing import Any

import jax
import msgspec
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported
from embbench.engines.jax.device import set_up
from embbench.engines.jax.steps import State

AXIS = "ranks"


def set_up_ranks(case: Case) -> jax.Device:
    """Joins the processes of the variables RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, once per process, before the
    first request for a device. Raises Unsupported.
    """
    os.environ["NPROC"] = str(case.threads)
    if case.device == "cpu":
        jax.config.update("jax_platforms", "cpu")
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
    if case.ranks > 1 and not jax.distributed.is_initialized():
        address = f"{os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}"
        own = None if case.device == "cpu" else [int(os.environ["LOCAL_RANK"])]  # else each process takes all GPUs
        jax.distributed.initialize(address, case.ranks, int(os.environ["RANK"]), local_device_ids=own)
    device = set_up(case)
    found = len(jax.devices(case.device))
    if case.ranks > 1 and found != case.ranks:
        raise Unsupported(f"ranks={case.ranks}: JAX found {found} devices in all processes")
    return device


def set_up_devices(case: Case) -> jax.Device:
    """Makes as many devices of this process's CPUs as the case has ranks, before the first request for a device. Raises
    Unsupported.
    """
    if case.device == "cpu":
        jax.config.update("jax_num_cpu_devices", case.ranks)
    # A device that waits for the others holds a thread of XLA's pool, in this step and already in the next. With fewer
    # than two threads for each rank, 11 of 12 processes that enqueued 60 or 100 steps hung (jaxlib 0.10.2; 2, 4 and 8
    # ranks, 1M and 3M rows): the last device found no thread, and XLA aborts after 40 s. So each rank has two threads
    # that may wait, besides those that compute.
    waiting = 2 * case.ranks if case.ranks > 1 else 0
    device = set_up(msgspec.structs.replace(case, threads=case.threads + waiting))
    if len(jax.devices(case.device)) < case.ranks:
        raise Unsupported(f"ranks={case.ranks}: this process has {len(jax.devices(case.device))} devices")
    return device


class Placements:
    """rows: the first axis spread over the ranks. everywhere: a replica in each rank."""

    def __init__(self, case: Case) -> None:
        mesh = Mesh(np.array(jax.devices(case.device)[: case.ranks]), (AXIS,))
        self.rows, self.everywhere = NamedSharding(mesh, PartitionSpec(AXIS)), NamedSharding(mesh, PartitionSpec())
        self.height = -(-case.vocab // case.ranks) * case.ranks

    def of(self, state: State, by_rows: bool) -> State:
        """The placement of each array of a state: the table and its states by rows, all others everywhere. by_rows:
        whether table and rest have separate optimizers.
        """

        def place(path: tuple[Any, ...], array: Any) -> NamedSharding:
            keys = [getattr(each, "key", getattr(each, "idx", None)) for each in path]
            of_table = "table" in keys or (by_rows and getattr(path[0], "name", "") == "states" and keys[1] == 1)
            return self.rows if of_table and array.ndim == 2 else self.everywhere

        return jax.tree_util.tree_map_with_path(place, state)

    def part(self, array: np.ndarray) -> jax.Array:
        """An array that every process has as a whole, spread by its first axis."""
        return jax.make_array_from_callback(array.shape, self.rows, lambda index: array[index])
