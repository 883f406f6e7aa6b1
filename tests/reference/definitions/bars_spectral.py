"""Bars of everything that comes from singular values and vectors."""

TINY_NSS = 1e-8
ABSOLUTE_NSS = 1e-11
# What f32 leaves of a shift where k cuts a cluster, as base and tuned then share no errors.
UNRESOLVED_NSS = 3e-7
# A report's figures have 9 significant digits: half a unit of the last is at most 5e-9 of the
# figure.
ROUNDING = 5.000001e-9
# 1 % of 1e-3 degrees, from where on 1 % is asked for.
ANGLE_FLOOR = 1e-5
GAP = 1e-4
SHARE = 1e-5


def spectrum(ledger, metric, got, want, rounded, k, all_of_it):
    """Each value within 1e-6 of itself, or 1e-9 of the largest."""
    need = len(want) if all_of_it else min(k, len(want))
    if len(got) < need:
        return ledger.fail(metric, f"{len(got)} values instead of {need}")
    for g, w, r in list(zip(got, want, rounded))[:need]:
        ledger.near(metric, g, w, 1e-6, 1e-9 * want[0], r)


def angles(ledger, got, want, rounded):
    """Rotations: 1 % where the subspace is defined; what the report calls uncertain must cover the truth."""
    truth, mine = want["rotation_max"], got["rotation_max"]
    gap = min(want["gap"], want["gap_tuned"])
    if truth == 0:
        for name in ("angles_left", "angles_right"):
            ledger.near(
                name, max(got[name], default=0), 0, 0, 0 if want["nss"] == 0 else ANGLE_FLOOR
            )
        return
    if gap >= GAP and not got["resolved"]:
        ledger.fail("resolved", f"false at a gap of {gap:.3g}")
    if got["resolved"]:
        for name in ("rotation_max", "rotation_median"):
            ledger.near(name, got[name], want[name], 1e-2, ANGLE_FLOOR, rounded[name])
        for name in ("angles_left", "angles_right"):
            ledger.equal(name + " length", len(got[name]), len(want[name]))
            for g, w, r in zip(got[name], want[name], rounded[name]):
                ledger.near(name, g, w, 1e-2, max(ANGLE_FLOOR, 1e-3 * truth), r)
    ledger.add("uncertainty covers", abs(mine - truth), max(1e-2 * truth, got["uncertainty"]))


def vectors(ledger, got, want, rounded):
    """Rotation of single vectors, where their neighbours on both sides are apart in both matrices, whether or not k is resolved."""
    uncertain = got["vector_rotation_uncertainty"] or ()
    ledger.equal("vector_rotation_uncertainty length", len(uncertain), want["k"])
    for name in ("vector_rotation_left", "vector_rotation_right"):
        ledger.equal(f"{name} length", len(got[name]), want["k"])
        for i, (g, w, r, u) in enumerate(zip(got[name], want[name], rounded[name], uncertain)):
            gaps = []
            for s in (want["spectrum_base"], want["spectrum_tuned"]):
                ends = s[i - 1] if i else float("inf"), s[i + 1] if i + 1 < len(s) else 0.0
                gaps += [abs(s[i] - e) / s[i] for e in ends]
            if min(gaps) >= 1e-3:
                ledger.near(name, g, w, 2e-2, 1e-3, r)
                ledger.covers("vector_rotation_uncertainty covers", u, g, w, r)


def observed(geometry, exact, k):
    """What the bounds are of, of all values where all are known, else of the first k."""
    pairs = list(zip(geometry["spectrum_base"], geometry["spectrum_tuned"]))[: None if exact else k]
    return {
        "weyl": max(abs(a - b) for a, b in pairs),
        "nss": geometry["nss"] if exact else geometry["nss_top_k"],
        "ky_fan": geometry["bounds"]["ky_fan"]["observed"],
    }


def bounds(ledger, got, want, rounded, exact, k):
    """Observed figures and bounds; Wedin's divide by the gap, so they are right only where it is."""
    s0 = want["spectrum_base"]
    true, left = (observed(g, exact, k) for g in (want, rounded))
    for name, floor in {"weyl": 1e-9 * s0[0], "nss": ABSOLUTE_NSS, "ky_fan": 1e-8 * s0[0]}.items():
        ledger.near(
            f"bounds.{name}.observed", got[name]["observed"], true[name], 1e-3, floor, left[name]
        )
    for name in ("weyl", "nss", "ky_fan"):
        ledger.near(
            f"bounds.{name}.bound",
            got[name]["bound"],
            want["bounds"][name]["bound"],
            1e-3,
            1e-12 * s0[0],
        )
    if want["gap"] >= 1e-3:
        ledger.near(
            "bounds.wedin_as_stated.bound",
            got["wedin_as_stated"]["bound"],
            want["bounds"]["wedin_as_stated"]["bound"],
            5e-3,
        )
        strict = want["bounds"]["wedin_strict"]["bound"]
        if strict is None or strict < 10:
            ledger.near("bounds.wedin_strict.bound", got["wedin_strict"]["bound"], strict, 5e-2)


def shift_of_k(ledger, name, got, want, rounded, exact):
    """NSS of the top k, at the k of `got`."""
    shift = want["nss_top_k"]
    floor = (
        0
        if shift == want["rotation_max"] == 0
        else ABSOLUTE_NSS
        if exact or got["resolved"]
        else UNRESOLVED_NSS
    )
    ledger.near(
        name, got["nss_top_k"], shift, 1e-3 if shift >= TINY_NSS else 0, floor, rounded["nss_top_k"]
    )


def geometry(ledger, got, want, rounded):
    """All of Gate II; `rounded` is what it would be of W1 in float32, or `want` itself."""
    ledger.equal("geometry defined", got is not None, want is not None)
    if got is None or want is None:
        return
    ledger.equal("k", got["k"], want["k"])
    if got["k"] != want["k"]:
        return
    k, exact = want["k"], got["exact"]
    for name in ("spectrum_base", "spectrum_tuned"):
        spectrum(ledger, name, got[name], want[name], rounded[name], k, exact)
    small = 0 if want["nss"] == 0 and want["rotation_max"] == 0 else ABSOLUTE_NSS
    shift_of_k(ledger, "nss_top_k", got, want, rounded, exact)
    ledger.covers(
        "nss_top_k_uncertainty covers",
        got["nss_top_k_uncertainty"],
        got["nss_top_k"],
        want["nss_top_k"],
        rounded["nss_top_k"],
    )
    ledger.equal("nss given", got["nss"] is not None, exact)
    if got["nss"] is not None:
        ledger.near(
            "nss",
            got["nss"],
            want["nss"],
            1e-3 if want["nss"] >= TINY_NSS else 0,
            small,
            rounded["nss"],
        )
    low, high = got["nss_interval"]
    slack = 1e-6 * want["nss"] + 1e-14 + abs(rounded["nss"] - want["nss"])
    if not low - slack <= want["nss"] <= high + slack:
        ledger.fail("nss_interval", f"[{low:.9g}, {high:.9g}] does not hold {want['nss']:.9g}")
    ledger.add("nss_interval above Mirsky", max(0.0, high - want["bounds"]["nss"]["bound"]), slack)
    angles(ledger, got, want, rounded)
    ledger.near("gap", got["gap"], want["gap"], 0, 5e-6)
    vectors(ledger, got, want, rounded)
    if got["resolved"]:
        for name in ("off_principal_share", "off_principal_left", "off_principal_right"):
            ledger.near(name, got[name], want[name], 0, SHARE, rounded[name])
            ledger.covers(
                "shares_uncertainty covers",
                got["shares_uncertainty"],
                got[name],
                want[name],
                rounded[name],
            )
    for side in ("both", "left", "right"):
        ledger.near("chance", got["chance"][side], want["chance"][side], ROUNDING, 1e-15)
    bounds(ledger, got["bounds"], want, rounded, exact, k)
