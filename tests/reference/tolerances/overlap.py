"""Several runs of one base.

Counts are equal. Their quotients err by the rounding of the report's digits. Shares under
independence multiply R densities p or 1 - p and add terms of one sign; 1 - p errs by 2^-53
absolutely where it is taken from a rounded p, that is relatively by N 2^-53 at worst, where a
single one of N weights is unchanged: 1e-8 for N up to 4e7.

Inner products add terms of both signs, so they have no relative accuracy of their own. An f64 sum
errs by no more than N 2^-53 |a||b|, one of f32 products in short chunks by about 1e-7 |a||b|; the
tolerance is 1e-6 |a||b|, which is that of the norms. A cosine divides by two norms, whose squares
have that tolerance, too: twice as much.
"""

from .masks import CONSENSUS_MAP
from .rows import CONSENSUS, DIGITS, ROUNDING, SAME, Part, Tolerance, under

INDEPENDENT, DOT = Tolerance(1e-8 + ROUNDING), 1e-6


def dot(place):
    """Returns 1e-6 of both norms, whose squares stand on the diagonal."""
    table = place.up.up.want
    a, b = place.up.key, place.key
    return DOT * (table[a][a] * table[b][b]) ** 0.5


OVERLAP = {
    "name": SAME,
    "runs": SAME,
    "parameters": SAME,
    "changed": SAME,
    "both": SAME,
    "exactly": SAME,
    "jaccard[][]": DIGITS,
    "jaccard_chance[][]": INDEPENDENT,
    "mean_jaccard": DIGITS,
    "mean_jaccard_chance": INDEPENDENT,
    "one_sided[][]": DIGITS,
    "exactly_chance[]": INDEPENDENT,
    "dot[][]": Tolerance(0, dot),
    "cosine[][]": Tolerance(0, 2 * DOT),
    **under("row_consensus.", CONSENSUS),
    **under("column_consensus.", CONSENSUS),
    **under("consensus_map.", CONSENSUS_MAP),
}
# Changes from one save to the next, which a reference has where its runs are saves of one run.
STEPS = {
    "steps": Part(optional=True),
    "steps[].changed": SAME,
    "steps[].density": DIGITS,
    **under("steps[].row_density.", CONSENSUS),
    **under("steps[].column_density.", CONSENSUS),
}
