"""Defines what a row of the table can say of one field of a report.

A row judges a `Place`: the value in the report beside the value in the reference. Rows of numbers
give an `Allowed`, from which the comparison takes its verdict and the tests their spoilt values.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

# Figures of a report have 9 significant digits: half a unit of the last is at most 5e-9 of the
# figure.
ROUNDING = 5.000001e-9


class Missing:
    """Stands for a field that one of both sides lacks."""

    def __repr__(self):
        return "nothing"


MISSING = Missing()


class Unstated(Exception):
    """Says that a figure cannot be judged: the report does not state what that needs."""


class Place:
    """Holds one value of a report, the same one of the reference, and where they are.

    `path` names the field: keys joined by dots, `[]` for the entries of a list. `rounded` is what
    the reference would be if W1 were rounded to float32 first; it differs for LoRA adapters only.
    """

    __slots__ = ("got", "key", "path", "rounded", "up", "want")

    def __init__(self, path, key, got, want, rounded, up=None):
        self.path, self.key, self.up = path, key, up
        self.got, self.want, self.rounded = got, want, rounded

    def child(self, key, any_key=False):
        """Returns the place of one field or entry; `any_key` is for objects whose keys are data."""
        if isinstance(key, int):
            path = f"{self.path}[]"
        else:
            path = f"{self.path}.{'*' if any_key else key}" if self.path else key
        want = look_up(self.want, key)
        rounded = look_up(self.rounded, key)
        return Place(
            path,
            key,
            look_up(self.got, key),
            want,
            want if rounded is MISSING else rounded,
            self,
        )

    def at(self, end):
        """Returns the nearest place around this one, or itself, whose path ends so."""
        place = self
        while place is not None and not place.path.endswith(end):
            place = place.up
        if place is None:
            raise Unstated(f"{self.path} is not inside {end}")
        return place

    def where(self):
        """Says run and tensor, group or entry, for people."""
        parts, place = [], self
        while place is not None:
            if place.path in NAMED:
                parts.append(NAMED[place.path](place))
            place = place.up
        return " ".join(reversed(parts)) or "report"


def make_namer(field, prefix=""):
    """Returns a function that names a place by a field of either side."""

    def name(place):
        entry = place.want if isinstance(place.want, dict) else place.got
        return prefix + str(entry.get(field) or "of the model")

    return name


NAMED = {
    "runs[]": lambda place: f"run {place.key}",
    "runs[].tensors[]": make_namer("name"),
    "runs[].layers[]": make_namer("key", "layers "),
    "runs[].modules[]": make_namer("key", "modules "),
    "runs[].model": lambda place: "model",
    "overlaps[]": make_namer("name", "overlaps "),
}


def look_up(container, key):
    """Returns a field of an object or an entry of a list, or MISSING."""
    if isinstance(container, dict):
        return container.get(key, MISSING) if not isinstance(key, int) else MISSING
    if isinstance(container, list) and isinstance(key, int) and key < len(container):
        return container[key]
    return MISSING


class Allowed(NamedTuple):
    """Holds the truth, and how far below and above it a report may be.

    `null` says whether null is right, and `number` whether a number is.
    """

    true: float
    below: float
    above: float
    null: bool = False
    number: bool = True


NULL = Allowed(0.0, 0.0, 0.0, null=True, number=False)


def allow_around(true, tolerance):
    """Allows as much to either side; null is right only beside null."""
    return NULL if true is None else Allowed(true, tolerance, tolerance)


def evaluate(setting, place):
    """Returns a setting of a row: the constant, or what the function gives at this place."""
    return setting(place) if callable(setting) else setting


@dataclass(frozen=True)
class Tolerance:
    """Asks for |got - true| <= max(relative |true|, absolute) + |rounded - true|; null only beside
    null.

    `when` says where the reference defines the figure well enough to hold a report to it.
    `true` gives the truth where that is not the reference's own value. `label` tells two rows of
    one field apart.
    """

    relative: float | Callable = 0.0
    absolute: float | Callable = 0.0
    when: Callable | None = None
    true: Callable | None = None
    label: str = ""

    def allowed(self, place):
        """Returns what the row allows at this place."""
        true = self.true(place) if self.true else place.want
        if true is MISSING:
            raise Unstated("the reference has no such figure")
        if true is None:
            return NULL
        size = max(evaluate(self.relative, place) * abs(true), evaluate(self.absolute, place))
        rounded = place.rounded
        left = 0.0 if self.true or rounded is None else abs(rounded - true)
        return allow_around(true, size + left)


@dataclass(frozen=True)
class Ends:
    """A row whose lower and upper ends come from a function of the place."""

    allowed: Callable
    when: Callable | None = None
    label: str = ""


@dataclass(frozen=True)
class Same:
    """Asks for the reference's value, by what `extract` takes from either."""

    extract: Callable | None = None
    when: Callable | None = None


@dataclass(frozen=True)
class Constant:
    """Asks for this value always; the reference need not have it."""

    value: object


@dataclass(frozen=True)
class Free:
    """Says that a field is not compared, and why.

    Of all fields, only an optional one may be absent.
    """

    why: str
    optional: bool = False


@dataclass(frozen=True)
class Aid:
    """Says that only the reference has a field: the comparison needs it, reports do not."""


@dataclass(frozen=True)
class Cells:
    """Judges a map: one byte a cell in base64. `allowed` gives (lowest, highest, slack) of each
    cell.

    None instead of the three says that only the number of cells counts.
    """

    allowed: Callable
    when: Callable | None = None


@dataclass(frozen=True)
class Part:
    """Says that a list or an object has a rule of its own.

    `when`: where it is compared at all. `key`: the field by which its entries are matched.
    `ordered`: whether they also have the reference's order. `any_key`: its keys are data.
    `lengths`: (least, most) entries. `optional`: null where the reference does not have it.
    """

    when: Callable | None = None
    key: str | None = None
    ordered: bool = True
    any_key: bool = False
    lengths: Callable | None = None
    optional: bool = False


SAME = Same()
DIGITS = Tolerance(ROUNDING)


def under(prefix, rows):
    """Returns the rows one level down: `prefix` ends in a dot, or is a list's or object's own
    path."""
    return {f"{prefix}{path}": row for path, row in rows.items()}


def within(field, when=None):
    """Asks that the truth lies within what the report itself calls uncertain, in a field beside
    it."""

    def stated(place):
        found = place.up.got[field]
        if found is None:
            raise Unstated(f"{field} is null")
        return found

    return Tolerance(absolute=stated, when=when, label=f" within {field}")


def find_tensor(place):
    """Returns the tensor around a place."""
    return place.at("tensors[]")


def find_geometry(place):
    """Returns the geometry around a place, with values on both sides."""
    found = place.at("geometry")
    if not (found.got and found.want):
        raise Unstated("there is no geometry")
    return found


# A share per row or column: quotients of counts and f64 means, exact but for a report's digits.
PROFILE = {
    "length": SAME,
    "values[]": DIGITS,
    "min": DIGITS,
    "median": DIGITS,
    "max": DIGITS,
}
# Its dispersion divides by a variance of numbers that are nearly equal.
DISPERSED = {**PROFILE, "dispersion": Tolerance(1e-6, 1e-9)}


def is_ungrouped(place):
    """Says whether a profile holds every row or column by itself."""
    return len(place.up.want["values"]) == place.up.want["length"]


def dispersion_of_values(place):
    """Returns the variance over p (1 - p) / n, by a profile of the reference that has no dispersion
    itself."""
    profile, key = place.up.want, place.up.key
    swap = ("row", "column") if key.startswith("row") else ("column", "row")
    n = place.up.up.want[key.replace(*swap)]["length"]
    p = math.fsum(profile["values"]) / profile["length"]
    if profile["length"] < 2 or not 0 < p < 1:
        return None
    variance = math.fsum((share - p) ** 2 for share in profile["values"]) / (profile["length"] - 1)
    return variance * n / (p * (1 - p))


CONSENSUS = {
    **PROFILE,
    "dispersion": Tolerance(1e-6, 1e-9, when=is_ungrouped, true=dispersion_of_values),
}
