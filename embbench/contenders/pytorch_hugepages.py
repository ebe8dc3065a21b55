"""The program of pytorch.py in transparent huge pages: memory comes 2 MB a page fault and not 4 kB."""

from typing import Any

from embbench.engines.torch.device import ask_for_huge_pages, set_up
from embbench.engines.torch.trial import TorchTrial
from embbench.host.memory import huge_bytes
from embbench.spec.case import Case
from embbench.spec.streams import Tokens

# copies and passes: of pytorch.py.
DECLARES = {
    "summary": "PyTorch, eager, in huge pages (Linux)",
    "packages": ["torch"],
    "lstm_biases": 2,
    "changes": {
        "default": "THP_MEM_ALLOC_ENABLE=1 in the environment of the same program",
    },
    "updates": {
        "default": {
            "sgd": {"semantic": "exact", "copies": 2, "passes": 4},
            "momentum": {"semantic": "dense", "copies": 3, "passes": 9},
            "adagrad": {"semantic": "exact", "copies": 4, "passes": 12},
            "adam": {"semantic": "dense", "copies": 6, "passes": 19},
            "adamw": {"semantic": "dense", "copies": 6, "passes": 21},
        },
        "compact": {
            "sgd": {"semantic": "exact", "copies": 1, "lookups": 4},
            "momentum": {"semantic": "lazy", "copies": 2, "lookups": 5},
            "adagrad": {"semantic": "exact", "copies": 2, "lookups": 5},
            "adam": {"semantic": "lazy", "copies": 3, "lookups": 6},
            "adamw": {"semantic": "lazy", "copies": 3, "lookups": 6},
        },
    },
}


def prepare(case: Case, tokens: Tokens) -> TorchTrial:
    ask_for_huge_pages()
    set_up(case)
    return HugePagesTrial(case, tokens)


class HugePagesTrial(TorchTrial):
    def describe(self) -> dict[str, Any]:
        """Also whether most of the table lies in them."""
        return {**super().describe(), "pages": "huge" if huge_bytes() > self.case.table_bytes / 2 else "ordinary"}
