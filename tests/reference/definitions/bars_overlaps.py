"""Bars of the figures of several runs.

Counts are equal. Their quotients err by the rounding of the report's digits. Shares under independence multiply R densities p or
1 - p and add terms of one sign; 1 - p errs by 2^-53 absolutely where it is taken from a rounded p, that is relatively
by N * 2^-53 at worst, where a single one of N weights is unchanged: 1e-8 for N up to 4e7.

Inner products add terms of both signs, so they have no relative accuracy of their own. An f64 sum errs by no more than
N * 2^-53 * |a||b|, one of f32 products in short chunks by about 1e-7 * |a||b|; the bar is 1e-6 * |a||b|, which is that of the
norms. A cosine divides by two norms, whose squares have that bar, too: twice as much.
"""

from . import bars_maps, bars_profile
from .bars_spectral import ROUNDING

INDEPENDENT, DOT = 1e-8 + ROUNDING, 1e-6
COUNTS = ("runs", "parameters", "changed", "both", "exactly")
BARS = {
    "jaccard": ROUNDING,
    "mean_jaccard": ROUNDING,
    "one_sided": ROUNDING,
    "jaccard_chance": INDEPENDENT,
    "mean_jaccard_chance": INDEPENDENT,
    "exactly_chance": INDEPENDENT,
}


def flat(value):
    """The numbers and nulls of a list of lists, and its shape."""
    if not isinstance(value, list):
        return [value], ()
    parts = [flat(v) for v in value]
    return [x for items, _ in parts for x in items], (len(value), *{shape for _, shape in parts})


def each(ledger, name, got, want, relative, floor=0.0):
    """Every entry of a list or table."""
    (g, shape), (w, expected) = flat(got), flat(want)
    ledger.equal(f"overlaps.{name} shape", shape, expected)
    for a, b in zip(g, w):
        ledger.near(f"overlaps.{name}", a, b, relative, floor)


def products(ledger, got, want):
    """Inner products and cosines; exact where a run left the tensor as it was."""
    ledger.equal("overlaps.dot shape", flat(got["dot"])[1], flat(want["dot"])[1])
    for a, (mine, row) in enumerate(zip(got["dot"], want["dot"])):
        for b, (g, w) in enumerate(zip(mine, row)):
            ledger.near(
                "overlaps.dot", g, w, 0, DOT * (want["dot"][a][a] * want["dot"][b][b]) ** 0.5
            )
    each(ledger, "cosine", got["cosine"], want["cosine"], 0, 2 * DOT)


def entry(ledger, got, want):
    """One tensor, or the model."""
    for name in COUNTS:
        ledger.equal(f"overlaps.{name}", got[name], want[name])
    for name, bar in BARS.items():
        each(ledger, name, got[name], want[name], bar)
    products(ledger, got, want)
    for name in ("row_consensus", "column_consensus"):
        bars_profile.profile(ledger, f"overlaps.{name}", got[name], want[name])
    bars_maps.consensus(ledger, got, want)


def overlaps(ledger, got, want, entry=entry):
    """All entries, each by `entry`; one run has nothing to be compared with, and an empty list."""
    ledger.where = "report"
    found = {e["name"]: e for e in got["overlaps"]}
    # The model has no name; None cannot be sorted among names.
    ledger.equal(
        "overlaps.names", *(sorted(e["name"] or "" for e in r["overlaps"]) for r in (got, want))
    )
    for w in want["overlaps"]:
        if w["name"] in found:
            ledger.where = f"overlaps {w['name'] or 'of the model'}"
            with ledger.fields("overlaps."):
                entry(ledger, found[w["name"]], w)
