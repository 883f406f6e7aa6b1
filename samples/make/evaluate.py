"""Greedy and sampled accuracy of every sample on held-out problems. Writes them to results.json.

The folders are read as stored, in bf16, so the figures are those of the files, not of the
f32 weights that training ended with. All runs meet the same problems, so the gain over the base
has a paired standard error beside the one that takes the two accuracies as independent.
"""

import json
import math
import random
from concurrent.futures import ProcessPoolExecutor

import torch
import transformers

import model as models
from generate import generate, texts
from paths import BASE, RESULTS, RUNS, SAMPLES
from task import draw, is_right

COUNT, SEED, BATCH = 4000, 12345, 500


def answers(model, problems, temperature):
    """Of each problem, whether the answer is right."""
    dice, right = torch.Generator().manual_seed(SEED), []
    for start in range(0, len(problems), BATCH):
        part = problems[start : start + BATCH]
        right += [
            is_right(a, b, text)
            for (a, b), text in zip(part, texts(generate(model, part, temperature, dice)))
        ]
    return right


def accuracy(right):
    """Share of right answers and its standard error."""
    share = sum(right) / len(right)
    return dict(
        accuracy=share, standard_error=round(math.sqrt(share * (1 - share) / len(right)), 5)
    )


def gain(before, after):
    """Gain of accuracy on the same problems, with its standard error of both kinds."""
    count = len(before)
    won = sum(b and not a for a, b in zip(before, after))
    lost = sum(a and not b for a, b in zip(before, after))
    mean = (won - lost) / count
    independent = math.hypot(*(accuracy(right)["standard_error"] for right in (before, after)))
    return dict(
        won=won,
        lost=lost,
        gain=mean,
        paired_standard_error=round(math.sqrt(((won + lost) / count - mean**2) / count), 5),
        independent_standard_error=round(independent, 5),
    )


def held_out_problems():
    rng = random.Random(SEED)
    problems = sorted({draw(rng, want_held_out=True) for _ in range(2 * COUNT)})
    rng.shuffle(problems)
    return problems[:COUNT]


def measure(name):
    """What results.json holds of a run, and which problems it solves greedily."""
    torch.set_num_threads(1)
    model, problems = models.load(SAMPLES / name), held_out_problems()
    greedy = answers(model, problems, 0)
    run = dict(
        parameters=sum(p.numel() for p in model.parameters()),
        training=json.loads((SAMPLES / name / "training.json").read_text()),
        greedy=accuracy(greedy),
        sampled=accuracy(answers(model, problems, 1.0)),
    )
    return run, greedy


def main():
    with ProcessPoolExecutor() as pool:
        measured = dict(zip(RUNS, pool.map(measure, RUNS)))
    _, of_base = measured[BASE]
    results = dict(
        evaluation=dict(problems=len(of_base), held_out=True, seed=SEED, sampled_temperature=1.0),
        versions=dict(torch=torch.__version__, transformers=transformers.__version__),
        runs={},
    )
    for name, (run, greedy) in measured.items():
        results["runs"][name] = (
            run if name == BASE else run | dict(greedy_gain=gain(of_base, greedy))
        )
        print(name, run["greedy"], run["sampled"], results["runs"][name].get("greedy_gain"))
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
