"""Fills the marked section of README.md from results.json: no figure there is typed by hand."""

import json

from paths import BASE, RESULTS, RUNS, SAMPLES

BEGIN, END = "<!-- figures: written by make/readme.py -->", "<!-- end of figures -->"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def percent(entry):
    return f"{100 * entry['accuracy']:.1f} ± {100 * entry['standard_error']:.1f} %"


def accuracy_table(results):
    rows = []
    for name in RUNS:
        run, training = results["runs"][name], results["runs"][name]["training"]
        rows.append(
            [
                f"`{name}`",
                training["kind"],
                str(training["seed"]),
                str(training["steps"]),
                f"{training['learning_rate']:g}",
                f"{training['seconds'] / 60:.0f}",
                percent(run["greedy"]),
                percent(run["sampled"]),
            ]
        )
    return table(
        [
            "folder",
            "training",
            "seed",
            "steps",
            "learning rate",
            "minutes",
            "greedy",
            "sampled, T = 1",
        ],
        rows,
    )


def gain_table(results):
    rows = []
    for name, run in results["runs"].items():
        if name == BASE:
            continue
        gain = run["greedy_gain"]
        rows.append(
            [
                f"`{name}`",
                f"{100 * gain['gain']:+.2f} points",
                str(gain["won"]),
                str(gain["lost"]),
                *(
                    f"{100 * error:.2f} points ({gain['gain'] / error:.1f}×)"
                    for error in (
                        gain["paired_standard_error"],
                        gain["independent_standard_error"],
                    )
                ),
            ]
        )
    return table(
        [
            "folder",
            "gain of greedy accuracy",
            "newly right",
            "newly wrong",
            "standard error, paired",
            "standard error, independent",
        ],
        rows,
    )


def figure_table(figures):
    runs = figures["runs"]

    def row(label, show, chance=None):
        """One figure over all runs.

        The chance level is that of the matrices and masks, the same for every run.
        """
        return [label, *(show(run) for run in runs.values()), show_chance(chance) if chance else ""]

    def show_chance(key):
        value = next(iter(runs.values()))[key]
        return f"{value['mean']:.4f}" if isinstance(value, dict) else f"{value:.3f}"

    rows = [
        row("unchanged in bf16 (`sparsity_bf16`)", lambda r: f"{100 * r['sparsity_bf16']:.1f} %"),
        row("relative update, mean", lambda r: f"{r['relative_update']['mean']:.2e}"),
        row("NSS, whole spectrum, mean", lambda r: f"{r['nss']['mean']:.2e}"),
        row(
            "largest rotation, mean (worst matrix)",
            lambda r: f"{r['rotation_max']['mean']:.2f}° ({r['rotation_max']['max']:.2f}°)",
        ),
        row(
            "off-principal share, mean",
            lambda r: f"{r['off_principal_share']['mean']:.4f}",
            "off_principal_chance",
        ),
        row(
            "changed weights of low magnitude",
            lambda r: f"{r['low_magnitude_overlap']:.3f}",
            "low_magnitude_chance",
        ),
        row(
            "changed weights in the principal mask",
            lambda r: f"{r['principal_overlap']:.3f}",
            "principal_chance",
        ),
    ]
    return table(["figure against `base`", *(f"`{name}`" for name in runs), "chance"], rows)


def pair_table(figures):
    rows = [
        [
            f"`{pair.replace(' ', '`, `')}`",
            f"{entry['jaccard']:.3f}",
            f"{entry['jaccard_chance']:.3f}",
            f"{entry['cosine']:.3f}",
        ]
        for pair, entry in figures["pairs"].items()
    ]
    return table(["pair", "Jaccard of changed weights", "chance", "cosine of the updates"], rows)


def main():
    results = json.loads(RESULTS.read_text())
    figures, evaluation, path = results["figures"], results["evaluation"], SAMPLES / "README.md"
    section = "\n\n".join(
        [
            BEGIN,
            (
                f"Accuracy on {evaluation['problems']} held-out problems, ± one standard error. "
                f"The model has {results['runs']['base']['parameters']:,} parameters."
            ),
            accuracy_table(results),
            (
                "The gain over the base on the same problems, and how many times its standard "
                "error it is: paired, and as if the two accuracies were independent."
            ),
            gain_table(results),
            (
                f"Figures from the stored bf16 values: k = {figures['k']}, "
                f"α = {figures['alpha']}, η = {figures['eta']:g}; {figures['method']}. "
                f"Means are over the {figures['runs']['sft']['matrices']} matrices of the layers; "
                "the unchanged share and Jaccard cover all parameters."
            ),
            figure_table(figures),
            pair_table(figures),
            END,
        ]
    )
    text = path.read_text()
    before, rest = text.split(BEGIN)
    path.write_text(before + section + rest.split(END)[1])


if __name__ == "__main__":
    main()
