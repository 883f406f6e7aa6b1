"""Next-token training on worked solutions, shared by pretraining and SFT."""

import random
import time

import torch

from generate import generate, texts
from task import PROMPT_LENGTH, draw, encode, is_right, prompt, solution


def batch(rng, size, careless):
    rows = []
    for _ in range(size):
        a, b = draw(rng)
        rows.append(encode(prompt(a, b) + solution(a, b, rng if careless else None)))
    return torch.tensor(rows)


def loss_of(model, tokens):
    """Cross-entropy of the completion. The prompt is random digits: nothing to learn there."""
    logits = model(tokens).logits[:, PROMPT_LENGTH - 1 : -1]
    return torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), tokens[:, PROMPT_LENGTH:].flatten()
    )


def quick_accuracy(model, seed=0, count=200):
    """Greedy accuracy on training problems, for the log only."""
    rng = random.Random(seed)
    problems = [draw(rng) for _ in range(count)]
    found = texts(generate(model, problems, 0))
    return sum(is_right(a, b, text) for (a, b), text in zip(problems, found)) / count


def train(model, optimizer, schedule, *, steps, batch_size, careless, seed):
    """Runs the steps. Gives the seconds and a thinned curve of the loss."""
    rng, curve, start = random.Random(seed), [], time.time()
    for step in range(1, steps + 1):
        loss = loss_of(model, batch(rng, batch_size, careless))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % max(1, steps // 20) == 0:
            curve.append([step, round(loss.item(), 4)])
            print(
                step,
                f"loss {loss.item():.4f}",
                f"greedy {quick_accuracy(model):.3f}",
                f"{time.time() - start:.0f} s",
                flush=True,
            )
    return round(time.time() - start), curve
