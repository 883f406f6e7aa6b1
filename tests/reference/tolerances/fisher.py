"""Figures weighted by a Fisher: sums of terms >= 0, in which nothing cancels.

An f64 sum of N terms errs by N 2^-53 of itself. Updates and products taken in f32 put 4e-7 on it:
F * D * D has three roundings of 6e-8, one of them (that of D) counted twice.
"""

from .rows import DIGITS, Tolerance

SUM = 1e-6
FISHER = {
    "kl_quadratic": Tolerance(SUM),
    "kl_share": Tolerance(2 * SUM),  # a quotient of two sums
    "weighted_norm": Tolerance(SUM),
    "mass": Tolerance(SUM),
    "mass_on_changed": Tolerance(2 * SUM),
    "chance": DIGITS,  # a quotient of counts
}
