"""The program of pytorch.py in memory that the process keeps: arrays as large as the table, which a step asks for and
gives back, come again without a page fault.
"""

from embbench.engines.torch.device import keep_freed_memory, set_up
from embbench.engines.torch.trial import TorchTrial
from embbench.spec.case import Case
from embbench.spec.streams import Tokens

# copies and passes: of pytorch.py. What the heap keeps besides, up to two tables and more, differs between processes:
# of an array that is given back a small one may take a corner, and then the next large one does not fit.
DECLARES = {
    "summary": "PyTorch, eager, in memory that stays with the process (glibc)",
    "packages": ["torch"],
    "lstm_biases": 2,
    "changes": {
        "default": "MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=-1 in the environment of the same program, with glibc",
        "fused": "torch.optim.Adam(model.parameters(), fused=True), likewise for the other optimizers; and "
        "MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=-1 in the environment, with glibc",
    },
    "updates": {
        "default": {
            "sgd": {"semantic": "exact", "copies": 2, "passes": 4},
            "momentum": {"semantic": "dense", "copies": 3, "passes": 9},
            "adagrad": {"semantic": "exact", "copies": 4, "passes": 12},
            "adam": {"semantic": "dense", "copies": 6, "passes": 19},
            "adamw": {"semantic": "dense", "copies": 6, "passes": 21},
        },
        "fused": {
            "sgd": {"semantic": "exact", "copies": 2, "passes": 4},
            "momentum": {"semantic": "dense", "copies": 3, "passes": 6},
            "adagrad": {"semantic": "exact", "copies": 3, "passes": 6},
            "adam": {"semantic": "dense", "copies": 4, "passes": 8},
            "adamw": {"semantic": "dense", "copies": 4, "passes": 8},
        },
    },
}


def prepare(case: Case, tokens: Tokens) -> TorchTrial:
    keep_freed_memory()
    set_up(case)
    return TorchTrial(case, tokens)
