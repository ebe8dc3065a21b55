"""The shape of a fine-tuned classifier: an own group for the table, with decay for the table only, and a start in eval
mode.
"""

import torch
from torch import nn
from torch.nn import functional


class Classifier(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.embed = nn.Embedding(vocab, 16)
        self.first = nn.LSTM(16, 16, batch_first=True, bidirectional=True)
        self.attention = nn.Parameter(torch.randn(32) * 0.1)
        self.output = nn.Linear(32, 6)

    def forward(self, words):
        out, _ = self.first(torch.tanh(self.embed(words)))
        share = torch.softmax(out @ self.attention, 1)
        return self.output((out * share[..., None]).sum(1))


def build(vocab=2000):
    torch.manual_seed(1)
    model = Classifier(vocab)
    model.eval()
    table = list(model.embed.parameters())
    rest = [each for name, each in model.named_parameters() if not name.startswith("embed.")]
    optimizer = torch.optim.Adam([{"params": table, "weight_decay": 1e-6}, {"params": rest}], lr=1e-3)
    batches = [(torch.randint(0, vocab, (8, 15)), torch.randint(0, 6, (8,))) for _ in range(32)]
    return model, optimizer, nn.CrossEntropyLoss(), batches


def build_penalty(vocab=2000):
    """The decay as a term of the loss."""
    model, optimizer, _, batches = build(vocab)
    for group in optimizer.param_groups:
        group["weight_decay"] = 0.0

    def loss(model, batch):
        words, right = batch
        penalty = (model.embed.weight**2).sum()
        return functional.cross_entropy(model(words), right) + 1e-6 * penalty

    return model, optimizer, loss, batches
