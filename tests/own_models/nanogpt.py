"""The shape of a small GPT: a table that is also the output layer, two groups of AdamW, 40 micro-steps, a scaler."""

import torch
from torch import nn
from torch.nn import functional

WIDTH, BLOCK, MICRO = 16, 8, 40


class GPT(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocab, WIDTH), nn.Embedding(BLOCK, WIDTH)
        self.layer = nn.TransformerEncoderLayer(WIDTH, 2, 32, 0.0, batch_first=True)
        self.lm_head = nn.Linear(WIDTH, vocab, bias=False)
        self.wte.weight = self.lm_head.weight

    def forward(self, words):
        return self.lm_head(self.layer(self.wte(words) + self.wpe(torch.arange(words.shape[1]))))


def build(vocab=1500):
    torch.manual_seed(1)
    model = GPT(vocab)
    decayed = [each for each in model.parameters() if each.dim() >= 2]
    plain = [each for each in model.parameters() if each.dim() < 2]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=6e-4, betas=(0.9, 0.95))
    scaler = torch.amp.GradScaler("cpu", enabled=False)

    def step(model, optimizer, batch):
        for words in batch:
            scores = model(words[:, :-1])
            loss = functional.cross_entropy(scores.reshape(-1, vocab), words[:, 1:].reshape(-1)) / MICRO
            scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad(set_to_none=True)

    return model, optimizer, step, (torch.randint(0, vocab, (MICRO, 2, BLOCK + 1)) for _ in range(16))
