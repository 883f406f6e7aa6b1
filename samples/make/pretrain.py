"""Pretrains the base from scratch on texts of careless solvers (see task.solution)."""

import argparse
import json
import math
from pathlib import Path

import torch

import model as models
import supervised

SETTINGS = dict(
    seed=0,
    steps=2000,
    batch_size=128,
    learning_rate=1e-3,
    warmup=100,
    weight_decay=0.1,
    betas=[0.9, 0.95],
)


def main(out, settings):
    torch.set_num_threads(1)
    model = models.new(settings["seed"])
    optimizer = torch.optim.AdamW(
        model.parameters(),
        settings["learning_rate"],
        settings["betas"],
        weight_decay=settings["weight_decay"],
    )
    steps, warmup = settings["steps"], settings["warmup"]

    def rate(step):
        """Linear warm-up, then a cosine down to 5 %."""
        if step < warmup:
            return (step + 1) / warmup
        return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    seconds, curve = supervised.train(
        model,
        optimizer,
        schedule,
        steps=steps,
        batch_size=settings["batch_size"],
        careless=True,
        seed=settings["seed"],
    )
    models.save(model, out)
    record = dict(kind="pretraining", **settings, seconds=seconds, loss_curve=curve)
    (out / "training.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=SETTINGS["steps"])
    arguments = parser.parse_args()
    main(arguments.out, SETTINGS | dict(steps=arguments.steps))
