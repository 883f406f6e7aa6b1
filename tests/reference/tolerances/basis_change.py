"""Changes that preserve the function, which are f64 on every route.

`update_before` and `update_after` are norms of differences of stored values, so they err by the
report's digits and by 2^-53 of what is subtracted. R is known to some 2^-53 (sigma_1 / sigma_d)^2
for a head of d rows. That moves `update_after`, which is least there, in the second order only, and
an angle by as much as R. `kind` and `permutation` follow from figures that are far from the steps
between them in the fixtures.
"""

from .rows import ROUNDING, SAME, Tolerance

REST, ANGLE = 1e-12, 1e-9
BASIS_CHANGE = {
    "partner": SAME,
    "kind": SAME,
    "permutation": SAME,
    "update_before": Tolerance(ROUNDING, REST),
    "update_after": Tolerance(ROUNDING, REST),
    "chance": Tolerance(ROUNDING, REST),
    "rotation_max": Tolerance(ROUNDING, ANGLE),
}
