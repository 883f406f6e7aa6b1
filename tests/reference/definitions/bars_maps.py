"""Bars of the maps: bytes are equal but for cells where rounding decides, which may be off by one.

The principal mask takes its threshold from a sample, so each of its bytes must lie between those of the smallest and the
largest mask that are still right to 0.3 % of the weights. The masks are nested, so the bytes are, too; entries may besides be
off by 1e-4, as they are where the gap at k is 3e-3 or more. Below that, and where k is not resolved, only its size is held.
"""

import base64
import binascii

GRID = ("rows", "columns", "row_group", "column_group")
SIZE = 1e-6
GAP = 3e-3


def cells(ledger, name, text, want):
    """The bytes of a map of the right length, or None."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        return ledger.fail(name, f"is no base64: {error}")
    if len(found) != want["rows"] * want["columns"]:
        return ledger.fail(
            name, f"{len(found)} cells instead of {want['rows']} x {want['columns']}"
        )
    return found


def agree(ledger, name, got, want, part):
    """Equal, or one off where rounding decides."""
    found = cells(ledger, name, got[part], want)
    if found is None:
        return
    undecided = set(want[f"{part}_undecided"])
    for i, (g, w) in enumerate(zip(found, base64.b64decode(want[part]))):
        ledger.near(name, g, w, 0, 1 if i in undecided else 0)


def principal(ledger, got, want, geometry):
    """Between the smallest and the largest mask that the sample allows."""
    ledger.equal(
        "maps.principal defined", got["principal"] is not None, want["principal"] is not None
    )
    if got["principal"] is None or want["principal"] is None:
        return
    found = cells(ledger, "maps.principal", got["principal"], want)
    if (
        found is None
        or not geometry
        or not geometry["resolved"]
        or not (geometry["exact"] or geometry["gap"] >= GAP)
    ):
        return
    ends = (base64.b64decode(want[f"principal_{end}"]) for end in ("fewest", "most"))
    for g, low, high in zip(found, *ends):
        ledger.add("maps.principal", max(low - g, g - high, 0), 1)


def same_grid(ledger, name, got, want):
    """Null only beside null, and the same cells."""
    ledger.equal(f"{name} defined", got is not None, want is not None)
    if got is None or want is None:
        return False
    ledger.equal(f"{name} grid", [got[part] for part in GRID], [want[part] for part in GRID])
    return True


def maps(ledger, got, want):
    """Of one tensor's report."""
    g, w = got["maps"], want["maps"]
    if same_grid(ledger, "maps", g, w):
        for part in ("changed", "update"):
            agree(ledger, f"maps.{part}", g, w, part)
        ledger.near("maps.update_max", g["update_max"], w["update_max"], SIZE)
        ledger.equal("maps.alpha", g["alpha"], w["alpha"])
        principal(ledger, g, w, got["geometry"])


def consensus(ledger, got, want):
    """Of one entry of `overlaps`."""
    g, w = got["consensus_map"], want["consensus_map"]
    if same_grid(ledger, "overlaps.consensus_map", g, w):
        agree(ledger, "overlaps.consensus_map", g, w, "all")
