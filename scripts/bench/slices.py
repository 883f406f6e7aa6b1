"""NSS over all singular values from Gram matrices of 8-bit slices, against LAPACK's SVD in float64.

Simulates the integer sums of the crate's slices kernel in float64 BLAS, which is exact here
(|product| <= 2^14 and fewer than 2^39 of them). A column is scaled by a power of two to integers of
`p` balanced 8-bit digits, and the products of digits i and j are left out where i + j > `limit`.
Prints, for each case, the relative error of the NSS. Takes about ten minutes on two cores:

    python scripts/bench/slices.py
"""

import numpy as np

# Slices, limit, and how the tuned matrix is taken: at scales common with the base, at its own, or
# as G0 + sym(W0^T D) + D^T D with D cut into slices at its own scale. Pairs of slices kept: 6, 6,
# 9, 10, 10, 10, 13, 16.
VARIANTS = [
    (3, 2, ""),
    (3, 2, "D apart"),
    (3, 4, ""),
    (4, 3, ""),
    (4, 3, "own scales"),
    (4, 3, "D apart"),
    (4, 4, ""),
    (4, 6, ""),
]
# Bits of the top digit that stay free, so that the difference of two integers fits in as many
# digits.
FREE = 2
# (m, n, exponent of the power law, kind of weights, dtype, update, relative size)
CASES = [
    *(
        (512, 512, p, kind, "bf16", update, rho)
        for p, kind in [
            (0.5, "plain"),
            (1.0, "plain"),
            (1.0, "outliers"),
            (0.5, "rank"),
            (0.5, "spikes"),
        ]
        for update in ["dense", "low rank", "sparse"]
        for rho in [1e-4, 1e-5]
    ),
    *(
        (512, 512, p, "plain", "f32", update, rho)
        for p in [0.5, 1.0]
        for update in ["dense", "low rank"]
        for rho in [1e-5, 1e-6]
    ),
    *(
        (m, 1024, 1.0, kind, "bf16", update, 1e-5)
        for m, kind in [(1024, "outliers"), (3072, "plain")]
        for update in ["dense", "low rank", "sparse"]
    ),
    *(
        (2048, 2048, 1.0, "outliers", "bf16", update, rho)
        for update in ["dense", "low rank", "sparse"]
        for rho in [1e-5, 1e-6]
    ),
]


def stored(x, dtype):
    """Rounded to the dtype, as float64."""
    bits = np.float32(x).view(np.uint32)
    if dtype == "bf16":
        bits = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return bits.view(np.float32).astype(np.float64)


def weights(random, m, n, exponent, kind, dtype):
    """m x n with singular values i^-exponent.

    `kind` may make 3 of them 30 times as large, the rank n/2, or 16 elements 10 000 times as large.
    """
    basis = lambda rows: np.linalg.qr(random.standard_normal((rows, n)))[0]
    s = np.arange(1, n + 1) ** -exponent
    if kind == "outliers":
        s[:3] *= 30
    if kind == "rank":
        s[n // 2 :] = 0
    w = (basis(m) * s) @ basis(n).T * (0.02 * np.sqrt(m * n) / np.linalg.norm(s))
    if kind == "rank":
        # Equal rows stay so in any dtype.
        w = np.vstack([w[: m // 2], w[: m - m // 2]])
    if kind == "spikes":
        w.flat[random.choice(m * n, 16, replace=False)] *= 1e4
    return stored(w, dtype)


def moved(random, w, update, rho, dtype):
    """The tuned weights; `sparse` moves random ones by one bf16 step."""
    size = rho * np.linalg.norm(w)
    if update == "sparse":
        up = (
            ((np.float32(w).view(np.uint32) + np.uint32(0x10000)) & np.uint32(0xFFFF0000))
            .view(np.float32)
            .astype(np.float64)
        )
        order = random.permutation(w.size)
        count = np.searchsorted(np.cumsum((up - w).flat[order] ** 2), size**2) + 1
        out = w.copy()
        out.flat[order[:count]] = up.flat[order[:count]]
        return out
    rank = 8
    d = (
        random.standard_normal(w.shape)
        if update == "dense"
        else random.standard_normal((w.shape[0], rank)) @ random.standard_normal((rank, w.shape[1]))
    )
    return stored(w + d * (size / np.linalg.norm(d)), dtype)


def exponents(*matrices):
    """e with max|column| < 2^e, over all of them."""
    return np.frexp(np.max([np.abs(w).max(0) for w in matrices], 0))[1]


def digits(w, e, p):
    """The p balanced digits of round(w * 2^(8p - FREE - 1 - e)), most significant first."""
    x = np.rint(w * np.exp2(8 * p - FREE - 1 - e))
    out = []
    for _ in range(p - 1):
        d = (x + 128) % 256 - 128
        out.append(d)
        x = (x - d) / 256
    return [x, *reversed(out)]


def product(a, b, p, limit):
    """a^T b of two matrices with their exponents."""
    left, right = digits(*a, p), digits(*b, p)
    g = sum(
        256.0 ** -(i + j) * (left[i].T @ right[j])
        for i in range(p)
        for j in range(p)
        if i + j <= limit
    )
    scale = lambda e: np.exp2(e - 7.0 + FREE)
    return g * scale(a[1])[:, None] * scale(b[1])


def grams(w0, w1, p, limit, how):
    common = exponents(w0, w1)
    a, b = (
        ((w0, exponents(w0)), (w1, exponents(w1)))
        if how == "own scales"
        else ((w0, common), (w1, common))
    )
    g0 = product(a, a, p, limit)
    if how != "D apart":
        return g0, product(b, b, p, limit)
    d = (w1 - w0, exponents(w1 - w0))
    cross = product(a, d, p, limit)
    return g0, g0 + cross + cross.T + product(d, d, p, limit)


def spectrum(g):
    return np.sqrt(np.maximum(np.linalg.eigvalsh(g)[::-1], 0))


def main():
    names = [
        "f64",
        *(f"{p} slices, i+j<={limit}{', ' if how else ''}{how}" for p, limit, how in VARIANTS),
    ]
    print("| weights | update | rho | NSS | " + " | ".join(names) + " |")
    print("| --- | --- | ---: | ---: | " + " | ".join("---:" for _ in names) + " |")
    for index, (m, n, exponent, kind, dtype, update, rho) in enumerate(CASES):
        random = np.random.default_rng(index)
        w0 = weights(random, m, n, exponent, kind, dtype)
        w1 = moved(random, w0, update, rho, dtype)
        norm = np.linalg.norm(w0)
        true = (
            np.linalg.norm(
                np.linalg.svd(w1, compute_uv=False) - np.linalg.svd(w0, compute_uv=False)
            )
            / norm
        )
        found = [(w0.T @ w0, w1.T @ w1)]
        found += [grams(w0, w1, *variant) for variant in VARIANTS]
        errors = [
            abs(np.linalg.norm(spectrum(g1) - spectrum(g0)) / norm / true - 1) for g0, g1 in found
        ]
        relative = np.linalg.norm(w1 - w0) / norm
        print(
            f"| {m}x{n} {dtype} i^-{exponent} {kind} | {update} | {relative:.1e} | {true:.1e} | "
            + " | ".join(f"{x:.0e}" for x in errors)
            + " |",
            flush=True,
        )


main()
