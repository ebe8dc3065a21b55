"""The shape of skip-gram with negatives: two sparse tables, SparseAdam, negatives drawn in the step."""

import torch
from torch import nn
from torch.nn import functional

WIDTH, BATCH, NEGATIVES = 16, 64, 5


class SkipGram(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.vocab = vocab
        self.center = nn.Embedding(vocab, WIDTH, sparse=True)
        self.context = nn.Embedding(vocab, WIDTH, sparse=True)

    def forward(self, center, context):
        negatives = torch.randint(0, self.vocab, (len(center), NEGATIVES))
        middle = self.center(center)
        near = (middle * self.context(context)).sum(-1)
        far = torch.bmm(self.context(negatives), middle[..., None])[..., 0]
        return -(functional.logsigmoid(near) + functional.logsigmoid(-far).sum(-1)).mean()


def build(vocab=5000):
    torch.manual_seed(1)
    model = SkipGram(vocab)
    optimizer = torch.optim.SparseAdam(model.parameters(), lr=1e-3)
    batches = ((torch.randint(0, vocab, (BATCH,)), torch.randint(0, vocab, (BATCH,))) for _ in range(64))
    return model, optimizer, lambda model, batch: model(*batch), batches
