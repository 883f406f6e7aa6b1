"""Writes docs/accuracy.md: the worst deviation of each figure on all fixtures, by route and
backend.

    python accuracy.py > ../../docs/accuracy.md && npx prettier --write ../../docs/accuracy.md

It needs the native program, built, and a native WebGPU adapter; software will do.
"""

import sys
import tempfile
from pathlib import Path

from compare import compare, name_metric
from definitions.figures import PATHS
from definitions.files import load
from fixtures.cases import ADAPTERS, CASES
from make_fixtures import ALPHAS, HERE, K, list_options, list_tuned_folders
from product import PROGRAM, analyze
from tolerances import TABLE

ROUTES = {
    "exact, cpu": ("cpu", "512"),
    "block Lanczos, cpu": ("cpu", "0"),
    "block Lanczos, gpu": ("gpu", "0"),
}
# Beside the figures of docs/figures.json: lists, what the report calls uncertain, and counts.
ALSO = """
    geometry.spectrum_base
    geometry.spectrum_tuned
    geometry.rotation_max within uncertainty
    geometry.nss_top_k within nss_top_k_uncertainty
    geometry.vector_rotation_left within vector_rotation_uncertainty
    geometry.off_principal_share within shares_uncertainty
    geometry.along_spectrum.core
    geometry.sweep.rotation_max
    geometry.sweep.nss_top_k within nss_top_k_uncertainty
    geometry.sweep.off_principal_share within shares_uncertainty
    geometry.sin_theta.left
    geometry.sin_theta.chance_left
    geometry.chance.vectors_left
    geometry.chance.angles_left
    geometry.chance.rotation_max_deviation
    geometry.sweep.chance.nss_top_k
    geometry.sweep.chance.rotation_max
    update.spectral_norm
    masks.principal_threshold
    masks.principal.both
    masks.sweep.principal_threshold
    masks.sweep.principal.both
    masks.low.both
    precision.unchanged
    precision.ulp_histogram
    precision.bit_equal
    precision.hidden_by_bf16
    quantized
    maps.changed
    maps.update
    maps.principal
    heads.nss
    heads.rotation
    heads.nss_chance
    heads.rotation_chance
    fisher.kl_quadratic
    overlaps.both
    overlaps.jaccard
    overlaps.jaccard_chance
    overlaps.cosine
    adapter.touched
    adapter.survives
    adapter.realized
    adapter.merge_error
    adapter.a_principal
    adapter.b_principal
    function_preserving.kind
    function_preserving.update_after
    function_preserving.rotation_max
    rollup of own tensors
"""
COMPARED = {name_metric(path) for path in TABLE}
FIGURES = [path for path in PATHS if path in COMPARED]
SHOWN = list(dict.fromkeys([*FIGURES, *map(str.strip, ALSO.strip().splitlines())]))
HEAD = """# Accuracy

The worst figure of all fixture checkpoints (bf16, f16, f32, f64 and FP8, sides of two dtypes; odd
shapes, clusters, rank-deficient, zero, identical, 16 changed weights; LoRA adapters) against the
float64 reference of `tests/reference`, as a share of its tolerance, with the deviation in brackets.
A share of 1 is the tolerance; `tests/reference/tolerances` says what each tolerance is, and why.
Rows that are counts or words have a deviation of 0 where all of them agree. Made by
`cargo build --release -p gatescope && cd tests/reference && python accuracy.py`; `gpu` is native
WebGPU (Mesa lavapipe).
"""
FOOT = """
Larger matrices with power-law spectra (with and without outliers), updates of relative size 1e-2 to
1e-5, updates of 16 weights and rank-deficient bases are held to the same tolerances on both
backends by `crate/src/linalg/tests.rs`, and WebGPU in Chromium is held to the CPU path by
`crate/tests/browser.rs`. What a reader should know:

- Mask counts depend on the subspace: at a relative gap under 3e-3 the principal threshold is only
  known to 3e-7/gap.
- `spectrum` of an update (beyond its first value) and `share_top_k` are estimates on the Lanczos
  route; `spectrum_error` says how good.
- Exact spectra of matrices over 131 072 elements come from f64 Gram matrices: values under 1e-8·σ_1
  are noise.
- Where k cuts a cluster of equal values (`resolved` is false), base and tuned share no errors:
  `nss_top_k` is then known to 3e-7 absolutely and not to 1e-3 of itself (`cluster_around_k` in the
  same file; 1.4 % of an NSS of 3e-6).
- Counts of Gate III are equal bit for bit everywhere.
- `chance.angles_*`, `chance.rotation_*` and `heads.rotation_chance` are means of eight draws: their
  deviations are chance, and their tolerances five standard deviations of it.
- The geometry of an adapter is that of W0 + Δ in f32, which at a relative update ρ changes Δ by
  about 3e-8/ρ of itself. The tolerances of its geometry and heads are wider by just what that does
  to each figure; of adapters only their own figures stand in the table, but exceeded tolerances
  count in all."""


def is_shown(metric, case):
    """Says whether a case counts for a metric.

    The tolerances of adapters hold what float32 leaves of W0 + Delta, which would stand in the
    table in place of errors.
    """
    return case not in ADAPTERS or metric.startswith("adapter.")


def find_worst(backend, limit):
    """Returns ({metric: (share of its tolerance, deviation)}, exceeded tolerances) over all
    fixtures."""
    out, failed = {}, 0
    for case in CASES:
        folder = HERE / "fixtures" / case
        where = ("--base", folder / "base", "--k", K, "--alpha", ",".join(map(str, ALPHAS)))
        route = ("--exact-limit", limit, "--backend", backend)
        with tempfile.TemporaryDirectory() as made:
            report = analyze(
                PROGRAM, Path(made), list_tuned_folders(case), *where, *route, *list_options(case)
            )
        ledger = compare(report, load(folder / "reference.json.gz"))
        failed += len(ledger.failures)
        for line in ledger.failures:
            print(f"{backend} {limit} {case}: {line}", file=sys.stderr)
        for metric, (ratio, deviation, _) in ledger.worst.items():
            if is_shown(metric, case):
                out[metric] = max(out.get(metric, (0, 0)), (ratio, deviation))
    return out, failed


def format_cell(found, metric):
    """Returns the text of one cell of the table."""
    return f"{found[metric][0]:.2g} ({found[metric][1]:.1e})" if metric in found else "–"


def main():
    found = {route: find_worst(*how) for route, how in ROUTES.items()}
    print(HEAD)
    print("| figure | " + " | ".join(found) + " |")
    print("| --- " * (1 + len(found)) + "|")
    for metric in SHOWN:
        cells = [format_cell(worst, metric) for worst, _ in found.values()]
        print(f"| `{metric}` | " + " | ".join(cells) + " |")
    totals = [str(failed) for _, failed in found.values()]
    print("| **tolerances exceeded** | " + " | ".join(totals) + " |")
    print(FOOT)


if __name__ == "__main__":
    main()
