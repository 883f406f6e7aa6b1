"""Supervised fine-tuning of the base on right worked solutions, at a usual learning rate."""

import argparse
import json
from pathlib import Path

import torch

import model as models
import supervised

SETTINGS = dict(
    seed=3,
    steps=300,
    batch_size=128,
    learning_rate=1e-4,
    warmup=10,
    weight_decay=0.0,
    betas=[0.9, 0.999],
)


def main(base, out, settings):
    torch.set_num_threads(1)
    model = models.load(base)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        settings["learning_rate"],
        settings["betas"],
        weight_decay=settings["weight_decay"],
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / settings["warmup"])
    )
    seconds, curve = supervised.train(
        model,
        optimizer,
        schedule,
        steps=settings["steps"],
        batch_size=settings["batch_size"],
        careless=False,
        seed=settings["seed"],
    )
    models.save(model, out)
    record = dict(kind="SFT", **settings, seconds=seconds, loss_curve=curve)
    (out / "training.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    main(arguments.base, arguments.out, SETTINGS)
