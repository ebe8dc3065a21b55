"""The shape of a word-level language model: an LSTM over a running text, whose hidden state goes on from batch to
batch, clipped gradients, and plain SGD written as a loop over the parameters.
"""

import torch
from torch import nn
from torch.nn import functional

BATCH, STEPS, WIDTH, RATE, CLIP = 8, 12, 16, 2.0, 0.25


class RNNModel(nn.Module):
    def __init__(self, vocab, tied):
        super().__init__()
        self.encoder = nn.Embedding(vocab, WIDTH)
        self.rnn = nn.LSTM(WIDTH, WIDTH, 2, dropout=0.2)
        self.decoder = nn.Linear(WIDTH, vocab)
        if tied:
            self.decoder.weight = self.encoder.weight

    def forward(self, words, hidden):
        out, hidden = self.rnn(self.encoder(words), hidden)
        return functional.log_softmax(self.decoder(out), -1), hidden


def build(vocab=2000, tied=False):
    torch.manual_seed(1)
    model = RNNModel(vocab, tied)
    text = torch.randint(0, vocab, (64, STEPS + 1, BATCH))
    carried = [torch.zeros(2, BATCH, WIDTH), torch.zeros(2, BATCH, WIDTH)]

    def step(model, optimizer, batch):
        model.zero_grad()
        state = tuple(each.detach() for each in carried)
        scores, state = model(batch[:-1], state)
        carried[:] = state
        loss = functional.nll_loss(scores.reshape(-1, vocab), batch[1:].reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        for parameter in model.parameters():
            parameter.data.add_(parameter.grad, alpha=-RATE)
        return loss

    return model, None, step, iter(text)


def build_tied(vocab=2000):
    return build(vocab, tied=True)


def build_fixed():
    return build(2000, tied=True)
