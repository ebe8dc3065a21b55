"""A small classifier in many ways, for tests: `made` returns what a `build` returns."""

import torch
from torch import nn
from torch.nn import functional

VOCAB, CLASSES = 400, 5


class Classifier(nn.Module):
    def __init__(self, kind, sparse, padding):
        super().__init__()
        self.kind = kind
        if kind in ("module", "copied"):
            self.table = nn.Embedding(VOCAB, 6, sparse=sparse, padding_idx=padding)
        elif kind == "bag":
            self.table = nn.EmbeddingBag(VOCAB, 6, sparse=sparse, mode="sum", padding_idx=padding)
        elif kind == "linear":
            self.table = nn.Linear(VOCAB, 6, bias=False)
        else:
            self.table = nn.Parameter(torch.randn(VOCAB, 6))
        self.head = nn.Linear(6, CLASSES)

    def rows(self, words):
        match self.kind:
            case "select":
                return self.table.index_select(0, words.reshape(-1)).reshape(*words.shape, 6)
            case "index" | "tied" | "tied_autocast":
                return self.table[words]
            case "gather":
                return self.table.gather(0, words.reshape(-1, 1).expand(-1, 6)).reshape(*words.shape, 6)
            case "functional":
                return functional.embedding(words, self.table)
            case "onehot":
                return functional.one_hot(words, VOCAB).float() @ self.table
            case "linear":
                return self.table(functional.one_hot(words, VOCAB).float())
        return self.table(words)

    def forward(self, words):
        if self.kind == "bag":
            ends = torch.arange(0, words.numel(), words.shape[1])
            return self.head(torch.tanh(self.table(words.reshape(-1), ends)))
        middle = torch.tanh(self.rows(words).sum(1))
        if self.kind == "tied_autocast":
            with torch.autocast("cpu", torch.bfloat16):
                return functional.linear(middle, self.table).float()
        return middle @ self.table.T if self.kind == "tied" else self.head(middle)


def made(kind="module", optimizer="SGD", sparse=False, padding=None, penalty=None, frozen=False, **settings):
    torch.manual_seed(3)
    model = Classifier(kind, sparse, padding)
    table = model.table.weight if isinstance(model.table, nn.Module) else model.table
    table.requires_grad_(not frozen)
    rest = [each for each in model.parameters() if each is not table and each.requires_grad]
    class_of = getattr(torch.optim, optimizer)
    told = {"lr": 0.01, **settings}
    optimizers = [class_of([table], **told), torch.optim.SGD(rest, 0.01)] if not frozen else torch.optim.SGD(rest, 0.01)
    drawn = torch.Generator().manual_seed(4)
    batches = [
        (torch.randint(0, VOCAB, (8, 5), generator=drawn), torch.randint(0, CLASSES, (8,), generator=drawn))
        for _ in range(12)
    ]

    def loss(model, batch):
        found = functional.cross_entropy(model(batch[0]), batch[1])
        return found if penalty is None else found + penalty * (table**2).sum()

    return model, optimizers, loss, batches
