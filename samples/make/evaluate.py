"""Greedy and sampled accuracy of every sample on held-out problems. Writes them to results.json.

The folders are read as stored, in bf16, so the figures are those of the files, not of the
f32 weights that training ended with.
"""

import json
import math
import random

import torch
import transformers

import model as models
from generate import generate, texts
from paths import RESULTS, RUNS, SAMPLES
from task import draw, is_right

COUNT, SEED, BATCH = 4000, 12345, 500


def accuracy(model, problems, temperature):
    """Share of right answers and its standard error."""
    dice, right = torch.Generator().manual_seed(SEED), 0
    for start in range(0, len(problems), BATCH):
        part = problems[start : start + BATCH]
        right += sum(
            is_right(a, b, text)
            for (a, b), text in zip(part, texts(generate(model, part, temperature, dice)))
        )
    share = right / len(problems)
    return dict(
        accuracy=share, standard_error=round(math.sqrt(share * (1 - share) / len(problems)), 5)
    )


def main():
    torch.set_num_threads(1)
    rng = random.Random(SEED)
    problems = sorted({draw(rng, want_held_out=True) for _ in range(2 * COUNT)})
    rng.shuffle(problems)
    problems = problems[:COUNT]
    results = dict(
        evaluation=dict(problems=len(problems), held_out=True, seed=SEED, sampled_temperature=1.0),
        versions=dict(torch=torch.__version__, transformers=transformers.__version__),
        runs={},
    )
    for name in RUNS:
        model = models.load(SAMPLES / name)
        results["runs"][name] = dict(
            parameters=sum(p.numel() for p in model.parameters()),
            training=json.loads((SAMPLES / name / "training.json").read_text()),
            greedy=accuracy(model, problems, 0),
            sampled=accuracy(model, problems, 1.0),
        )
        print(name, results["runs"][name]["greedy"], results["runs"][name]["sampled"], flush=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
