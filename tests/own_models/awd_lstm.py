"""The shape of a regularized language model: whole rows of the table are dropped, lengths are random, SGD decays."""

import torch
from torch import nn
from torch.nn import functional

WIDTH, BATCH = 16, 4


class Dropped(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.encoder = nn.Embedding(vocab, WIDTH)
        self.rnn = nn.LSTM(WIDTH, WIDTH)
        self.decoder = nn.Linear(WIDTH, 50)

    def embedded(self, words, dropout=0.1):
        weight = self.encoder.weight
        mask = weight.new_empty((weight.size(0), 1)).bernoulli_(1 - dropout).expand_as(weight) / (1 - dropout)
        return functional.embedding(words, mask * weight)

    def forward(self, words):
        return self.decoder(self.rnn(self.embedded(words))[0])


def build(vocab=2000):
    torch.manual_seed(1)
    model = Dropped(vocab)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0, weight_decay=1.2e-6)

    def batch_of(step):
        drawn = torch.Generator().manual_seed(step)
        length = int(torch.randint(5, 20, (), generator=drawn))
        return torch.randint(0, vocab, (length, BATCH), generator=drawn)

    def loss(model, batch):
        scores = model(batch)
        return functional.cross_entropy(scores.reshape(-1, 50), batch.reshape(-1) % 50)

    return model, optimizer, loss, batch_of
