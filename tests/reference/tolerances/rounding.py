"""Works out what the reference would be for an adapter whose W1 a product rounds to float32 first.

The geometry of an adapter is that of W0 + Delta. Rounding that errs by 2^-25 of a weight, a root
mean square, which is 2^-25 / rho of an update of relative size rho. What that does to a figure the
reference works out by rounding itself, and whatever it is, the tolerance is wider by. Shares may be
of the norm of Delta as it is or as it is after that.
"""

SHARES = ("off_principal_share", "off_principal_left", "off_principal_right")


def choose_farther(want, rounded, ratio, outside):
    """Returns a share of the rounded Delta over either norm, whichever is farther from the truth.

    It is `outside` less what is inside, and `ratio` that of both norms, squared.
    """
    if want is None:
        return None
    other = outside + (rounded - outside) * ratio
    return max(rounded, other, key=lambda share: abs(share - want))


def round_rank(want, rounded, ratio):
    """Returns the figures of one rank; its gap and its chance levels are not those of W1."""
    shares = {name: choose_farther(want[name], rounded[name], ratio, 1) for name in SHARES}
    return {**rounded, **shares, "gap": want["gap"], "chance": want["chance"]}


def round_bounds(want, rounded):
    """Returns what is observed, beside the bounds that hold for Delta as it is."""
    return {
        name: {"observed": rounded[name]["observed"], "bound": want[name]["bound"]} for name in want
    }


def round_blocks(want, rounded, ratio):
    """Returns the shares of one block or of several, with lists as they are."""
    if isinstance(want, list):
        return [round_blocks(w, r, ratio) for w, r in zip(want, rounded, strict=True)]
    return choose_farther(want, rounded, ratio, 0)


def select_head_figures(rounded):
    """Returns the figures of heads that depend on W1."""
    return {name: rounded[name] for name in ("nss", "rotation")}


def round_tensor(want):
    """Returns the reference's tensor with what W1 in float32 gives; itself where it has no
    adapter."""
    left, update, true = want["rounded"], want["update"], want["geometry"]
    if left is None:
        return want
    out = {
        **want,
        "heads": want["heads"] and {**want["heads"], **select_head_figures(left["heads"])},
        "update": {**update, "max_abs_update": left["max_abs_update"]},
    }
    if true and true["along_spectrum"]:
        geometry = left["geometry"]
        ratio = (left["frobenius_update"] / update["frobenius_update"]) ** 2
        parts = {
            name: round_blocks(
                true["along_spectrum"][name], geometry["along_spectrum"][name], ratio
            )
            for name in ("core", "left", "right")
        }
        out["geometry"] = {
            **round_rank(true, geometry, ratio),
            "bounds": round_bounds(true["bounds"], geometry["bounds"]),
            "along_spectrum": parts,
            "sweep": [
                round_rank(w, r, ratio)
                for w, r in zip(true["sweep"], geometry["sweep"], strict=True)
            ],
        }
    return out
