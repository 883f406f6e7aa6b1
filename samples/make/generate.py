"""Batched generation with a key-value cache."""

import torch
from transformers import DynamicCache

from task import ANSWER_LENGTH, decode, encode, prompt


@torch.no_grad()
def generate(model, problems, temperature, generator=None):
    """Completes all problems: a tensor [problems, ANSWER_LENGTH]. Temperature 0 is greedy."""
    step = torch.tensor([encode(prompt(a, b)) for a, b in problems])
    cache, out = DynamicCache(), []
    for _ in range(ANSWER_LENGTH):
        logits = model(step, past_key_values=cache, use_cache=True, logits_to_keep=1).logits[:, -1]
        if temperature == 0:
            step = logits.argmax(-1, keepdim=True)
        else:
            step = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)
        out.append(step)
    return torch.cat(out, 1)


def texts(completions):
    return [decode(row) for row in completions.tolist()]
