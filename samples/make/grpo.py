"""GRPO (DeepSeekMath, arXiv 2402.03300) with an exact-answer reward.

Each batch is sampled from the current weights and used for one update, so the ratio of
new to old policy is 1 and clipping never acts. There is no KL term and no weight decay.
The master weights are f32: at this learning rate most single steps are smaller than half a bf16
ulp.

Training stops by the weights alone: after the first step that leaves less than a given share of
them unchanged in bf16. No accuracy is looked at on the way.
"""

import argparse
import json
import random
import time
from pathlib import Path

import torch

import model as models
from generate import generate, texts
from task import PROMPT_LENGTH, STOP, draw, encode, is_right, prompt

SETTINGS = dict(
    max_steps=250,
    stop_below_unchanged=0.38,
    prompts=32,
    group=8,
    temperature=1.0,
    learning_rate=3e-6,
    warmup=10,
    weight_decay=0.0,
    betas=[0.9, 0.999],
)


def advantages(rewards):
    """Reward minus the group's mean, over the group's deviation.

    A group of equals teaches nothing.
    """
    return (rewards - rewards.mean(1, keepdim=True)) / (rewards.std(1, keepdim=True) + 1e-6)


def loss_of(model, tokens, advantage):
    """Policy-gradient loss, averaged over all tokens up to and with the stop."""
    completion = tokens[:, PROMPT_LENGTH:]
    logits = model(tokens).logits[:, PROMPT_LENGTH - 1 : -1]
    chosen = logits.log_softmax(-1).gather(2, completion[..., None])[..., 0]
    stopped = (completion == STOP).int()
    alive = (stopped.cumsum(1) - stopped == 0).float()
    return -(advantage[:, None] * chosen * alive).sum() / alive.sum()


def stored(model):
    """The weights as the files will hold them: rounded to bf16."""
    return [weight.detach().bfloat16() for weight in model.parameters()]


def unchanged_share(before, after):
    """Share of the weights whose rounded values are equal."""
    same = sum((a == b).sum().item() for a, b in zip(before, after))
    return same / sum(weight.numel() for weight in before)


def main(base, out, settings):
    torch.set_num_threads(1)
    model = models.load(base)
    rng = random.Random(settings["seed"])
    dice = torch.Generator().manual_seed(settings["seed"])
    optimizer = torch.optim.AdamW(
        model.parameters(),
        settings["learning_rate"],
        settings["betas"],
        weight_decay=settings["weight_decay"],
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / settings["warmup"])
    )
    group, curve, window, start = settings["group"], [], [], time.time()
    untouched = stored(model)
    for step in range(1, settings["max_steps"] + 1):
        problems = [
            problem
            for problem in (draw(rng) for _ in range(settings["prompts"]))
            for _ in range(group)
        ]
        completions = generate(model, problems, settings["temperature"], dice)
        rewards = torch.tensor(
            [float(is_right(a, b, text)) for (a, b), text in zip(problems, texts(completions))]
        )
        prompts = torch.tensor([encode(prompt(a, b)) for a, b in problems])
        loss = loss_of(
            model,
            torch.cat([prompts, completions], 1),
            advantages(rewards.view(-1, group)).flatten(),
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        window.append(rewards.mean().item())
        unchanged = unchanged_share(untouched, stored(model))
        print(step, f"unchanged {unchanged:.4f}", f"{time.time() - start:.0f} s", flush=True)
        if step % 10 == 0:
            curve.append([step, round(sum(window) / len(window), 4)])
            window = []
        if unchanged < settings["stop_below_unchanged"]:
            break
    models.save(model, out)
    record = dict(
        kind="GRPO",
        **settings,
        steps=step,
        unchanged=round(unchanged, 4),
        seconds=round(time.time() - start),
        reward_curve=curve,
    )
    (out / "training.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    a = parser.parse_args()
    main(a.base, a.out, dict(seed=a.seed) | SETTINGS)
