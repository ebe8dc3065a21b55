"""The shape of neural collaborative filtering: four tables of users and items, of which the network uses two."""

import torch
from torch import nn


class Filtering(nn.Module):
    def __init__(self, users, items, kind):
        super().__init__()
        self.kind = kind
        self.users_product, self.items_product = nn.Embedding(users, 8), nn.Embedding(items, 8)
        self.users_layers, self.items_layers = nn.Embedding(users, 16), nn.Embedding(items, 16)
        self.layers = nn.Sequential(nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 8), nn.ReLU())
        self.output = nn.Linear(8 if kind != "both" else 16, 1)

    def forward(self, user, item):
        parts = []
        if self.kind != "layers":
            parts.append(self.users_product(user) * self.items_product(item))
        if self.kind != "product":
            parts.append(self.layers(torch.cat([self.users_layers(user), self.items_layers(item)], -1)))
        return self.output(torch.cat(parts, -1))[:, 0]


def build(vocab=3000, kind="product"):
    torch.manual_seed(1)
    model = Filtering(vocab, vocab // 3, kind)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    batches = [
        (torch.randint(0, vocab, (32,)), torch.randint(0, vocab // 3, (32,)), torch.rand(32).round()) for _ in range(32)
    ]
    return model, optimizer, nn.BCEWithLogitsLoss(), batches
