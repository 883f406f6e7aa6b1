"""What masks of given densities would share if they were independent of each other."""

import numpy as np


def exactly(counts, n):
    """Probability that a weight lies in exactly 0, 1, ..., R of the masks: the Poisson-binomial distribution."""
    shares = np.ones(1)
    for count in counts:
        # One minus the density as a quotient of integers, which loses nothing where nearly all
        # weights changed.
        shares = np.convolve(shares, [(n - count) / n, count / n])
    return shares.tolist()
