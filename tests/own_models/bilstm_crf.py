"""The shape of a tagger: packed sequences, a table of words and a table of characters, a CRF over the tags."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

TAGS, BATCH, LONGEST = 5, 6, 14


class Tagger(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.words = nn.Embedding(vocab, 24, padding_idx=0)
        self.shapes = nn.Embedding(12, 4)
        self.rnn = nn.LSTM(28, 24, batch_first=True, bidirectional=True)
        self.scores = nn.Linear(48, TAGS)
        self.transitions = nn.Parameter(torch.zeros(TAGS, TAGS))

    def forward(self, words, shapes, lengths):
        inputs = torch.cat([self.words(words), self.shapes(shapes)], -1)
        packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.scores(out)

    def loss(self, scores, tags, lengths):
        total = scores.new_zeros(())
        for row, (length, right) in enumerate(zip(lengths, tags, strict=True)):
            alpha, gold = scores[row, 0], scores[row, 0, right[0]]
            for place in range(1, int(length)):
                alpha = torch.logsumexp(alpha[:, None] + self.transitions, 0) + scores[row, place]
                gold = gold + self.transitions[right[place - 1], right[place]] + scores[row, place, right[place]]
            total = total + torch.logsumexp(alpha, 0) - gold
        return total / len(tags)


def build(vocab=2000):
    torch.manual_seed(1)
    model = Tagger(vocab)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    batches = []
    for _ in range(32):
        lengths = torch.randint(3, LONGEST + 1, (BATCH,))
        lengths[0] = LONGEST
        words = torch.randint(1, vocab, (BATCH, LONGEST)) * (torch.arange(LONGEST) < lengths[:, None])
        batches.append((words, words % 12, lengths, torch.randint(0, TAGS, (BATCH, LONGEST))))

    def loss(model, batch):
        words, shapes, lengths, tags = batch
        return model.loss(model(words, shapes, lengths), tags, lengths)

    return model, optimizer, loss, batches
