"""PyTorch, eager: nn.Embedding and nn.LSTM with torch.optim, as its users write it."""

from embbench.contenders._torch import set_up
from embbench.contenders._torch_beside import UPDATE, BesideTrial
from embbench.contenders._torch_halves import TABLES, HalvesTrial
from embbench.contenders._torch_trial import TorchTrial
from embbench.spec.case import Case
from embbench.spec.streams import Tokens

# copies and passes: counted on real steps (field notes, "What a step should cost"); the dense gradient, zeroed and
# scattered into, is one copy and one pass of each. Beside a bfloat16 table a float32 array of its shape is two copies,
# and to read it two passes.
DECLARES = {
    "summary": "PyTorch, eager: nn.Embedding, nn.LSTM, torch.optim",
    "packages": ["torch"],
    "devices": ["cpu", "cuda"],
    "dtypes": ["float32", "float64"],
    "ids": ["int64", "int32"],
    "workloads": ["classifier", "tagger"],
    "tables": ["frozen", "trainable", "hybrid", "onehot"],
    "lstm_biases": 2,
    "changes": {
        "frozen": "nn.Embedding.from_pretrained(vectors, freeze=True)",
        "hybrid": "torch.cat([frozen(ids), small(ids.clamp(max=last))], dim=-1), small = nn.Embedding(10_000, D // 4)",
        "fused": "torch.optim.Adam(model.parameters(), fused=True), likewise for the other optimizers",
        "sparse": "nn.Embedding(V, D, sparse=True), and torch.optim.SparseAdam(embedding.parameters()) beside the "
        "optimizer of the rest",
        "compact": "rows, place = ids.unique(return_inverse=True); train embedding.weight[rows] as a parameter of its "
        "own by a fused optimizer, then write it back: CompactTable in embbench/contenders/_torch_tables.py",
        "compact_beside": "as compact, table and state in one tensor of (V, 3·D) for Adam: BesideTable in "
        "embbench/contenders/_torch_beside.py",
        "bfloat16": "nn.Embedding(V, D, dtype=torch.bfloat16), and embedding(ids).float() where it is looked up; "
        "torch.optim.Adam(model.parameters(), fused=True), but SGD without fused",
        "bfloat16_master": "as bfloat16; the optimizer gets master = nn.Parameter(embedding.weight.detach().float()); "
        "master.grad = embedding.weight.grad.float() before a step, embedding.weight.data.copy_(master) behind it",
        "compact_bfloat16": "as compact, embedding.weight and its states in bfloat16, and rows of them .float() while "
        "they train: CompactHalfTable in embbench/contenders/_torch_halves.py",
    },
    "precisions": {
        "bfloat16": {"table": "bfloat16"},
        "bfloat16_master": {"table": "bfloat16", "master": True},
        "compact_bfloat16": {"table": "bfloat16", "gradient": "float32"},
    },
    "onehot": 12,  # functional.one_hot makes int64, which becomes float32 beside it
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
        "sparse": {
            "sgd": {"semantic": "exact", "copies": 1, "lookups": 4},
            "momentum": "torch.optim.SGD's sparse momentum buffer grows with every new row; use update=compact",
            "adagrad": {"semantic": "exact", "copies": 2, "lookups": 8},
            "adam": {"semantic": "lazy", "copies": 3, "lookups": 10, "epsilon": "uncorrected"},
            "adamw": "torch.optim has no sparse AdamW; use update=compact",
        },
        "compact": {
            "sgd": {"semantic": "exact", "copies": 1, "lookups": 4},
            "momentum": {"semantic": "lazy", "copies": 2, "lookups": 5},
            "adagrad": {"semantic": "exact", "copies": 2, "lookups": 5},
            "adam": {"semantic": "lazy", "copies": 3, "lookups": 6},
            "adamw": {"semantic": "lazy", "copies": 3, "lookups": 6},
        },
        "compact_beside": {
            "sgd": "plain SGD has no state that could lie beside a row; use update=compact",
            "momentum": {"semantic": "lazy", "copies": 2, "lookups": 6},
            "adagrad": {"semantic": "exact", "copies": 2, "lookups": 6},
            "adam": {"semantic": "lazy", "copies": 3, "lookups": 9},
            "adamw": {"semantic": "lazy", "copies": 3, "lookups": 9},
        },
        "bfloat16": {
            "sgd": {"semantic": "exact", "copies": 2, "passes": 4},
            "momentum": "torch.optim.SGD rounds its momentum twice, and fused leaves a bfloat16 table on a CPU as it "
            "is (pytorch#191763); use update=bfloat16_master",
            "adagrad": {"semantic": "exact", "copies": 3, "passes": 6},
            "adam": {"semantic": "dense", "copies": 4, "passes": 8},
            "adamw": {"semantic": "dense", "copies": 4, "passes": 8},
        },
        "bfloat16_master": {
            "sgd": {"semantic": "exact", "copies": 6, "passes": 13},
            "momentum": {"semantic": "dense", "copies": 8, "passes": 17},
            "adagrad": {"semantic": "exact", "copies": 8, "passes": 17},
            "adam": {"semantic": "dense", "copies": 10, "passes": 21},
            "adamw": {"semantic": "dense", "copies": 10, "passes": 21},
        },
        "compact_bfloat16": {
            "sgd": {"semantic": "exact", "copies": 1, "lookups": 4.5},
            "momentum": {"semantic": "lazy", "copies": 2, "lookups": 6},
            "adagrad": {"semantic": "exact", "copies": 2, "lookups": 6},
            "adam": {"semantic": "lazy", "copies": 3, "lookups": 7.5},
            "adamw": {"semantic": "lazy", "copies": 3, "lookups": 7.5},
        },
    },
}


def prepare(case: Case, tokens: Tokens) -> TorchTrial:
    set_up(case)
    kind = HalvesTrial if case.update in TABLES else BesideTrial if case.update == UPDATE else TorchTrial
    return kind(case, tokens)
