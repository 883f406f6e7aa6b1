"""Makes the report of a perfect product: the reference's own figures, with all that only reports
have."""

import copy

import numpy as np

from definitions import chance
from definitions.chance_rotation import flatten_tail
from definitions.figures import OF_WHOLE_SPECTRUM
from definitions.rollup import rollups
from tolerances import LISTED, TABLE
from tolerances import listed as listed_rows
from tolerances.chance import DRAWS
from tolerances.rows import Aid, Constant, Place, dispersion_of_values


def remove_aids(value, path, table):
    """Returns a copy without what only the reference has."""
    if isinstance(value, dict):
        paths = {key: f"{path}.{key}" if path else key for key in value}
        return {
            key: remove_aids(value[key], paths[key], table)
            for key in value
            if not isinstance(table.get(paths[key]), Aid)
        }
    if isinstance(value, list):
        return [remove_aids(entry, f"{path}[]", table) for entry in value]
    return copy.copy(value)


def add_to_geometry(geometry, exact):
    """Adds what a geometry states beside its figures: routes, what is resolved, and
    uncertainties."""
    k, nss = geometry["k"], geometry["nss"]
    geometry.update(
        exact=exact,
        method="gram_eigen" if exact else "block_lanczos",
        converged=True,
        columns_per_k=0.0,
        spectrum_error=0.0,
        nearest_resolved_k=None,
        **({} if exact else dict.fromkeys(OF_WHOLE_SPECTRUM)),
        nss_interval=[nss, nss],
        vector_rotation_uncertainty=[1e-9] * k,
    )
    defined = geometry["chance"]["rotation_max"] is not None
    geometry["chance"]["draws"] = DRAWS if defined else None
    for point in (geometry, *geometry["sweep"]):
        point.update(
            resolved=point["gap"] > 1e-6,
            uncertainty=5e-6,
            nss_top_k_uncertainty=1e-9 * point["nss_top_k"],
            shares_uncertainty=None if point["off_principal_share"] is None else 2e-9,
        )


def reduce_knowledge(geometry, want):
    """Makes a geometry one that knows k + 1 singular values, with levels at the lower end of what
    that leaves."""
    s, k, shape = np.array(want["geometry"]["spectrum_base"]), geometry["k"], want["shape"]
    size, true = want["update"]["frobenius_update"], copy.deepcopy(want["geometry"])
    left, right = chance.sine_norms(s, shape, k, size, min(k + 1, s.size))
    geometry["sin_theta"].update(chance_left=left, chance_right=right)
    vectors = chance.vectors(flatten_tail(s, k + 1), shape, k, size)
    geometry["chance"].update(zip(("vectors_left", "vectors_right"), vectors, strict=True))
    for name in ("angles_left", "angles_right", "rotation_max", "rotation_median"):
        geometry["chance"][name] = true["chance"][f"{name}_least"]
    pairs = zip(geometry["spectrum_base"][:k], geometry["spectrum_tuned"][:k], strict=True)
    geometry["bounds"]["weyl"]["observed"] = max(abs(a - b) for a, b in pairs)
    geometry["bounds"]["nss"]["observed"] = geometry["nss_top_k"]
    for point, true_point in zip(geometry["sweep"], true["sweep"], strict=True):
        for name in ("rotation_max", "rotation_median"):
            point["chance"][name] = true_point["chance"][f"{name}_least"]


def add_to_tensor(tensor, want, exact):
    """Adds what a tensor's report has beside its figures."""
    tensor.update(
        status="done", error=None, seconds=0.0, fisher_note=None, geometry_note="none", listed=None
    )
    tensor["update"]["spectrum_error"] = 0.0
    if tensor["geometry"]:
        add_to_geometry(tensor["geometry"], exact)
        if not exact:
            reduce_knowledge(tensor["geometry"], want)
    for masks in tensor["masks"]:
        masks["k"] = want["geometry"]["k"]


def add_dispersions(entry, want, names):
    """Adds the dispersion of profiles, which the reference of several runs does not have."""
    parent = Place("", None, entry, want, want)
    for name in names:
        if entry[name]:
            place = parent.child(name).child("dispersion")
            entry[name]["dispersion"] = dispersion_of_values(place)


def add_to_overlap(entry, want):
    """Adds what an entry of `overlaps` has beside the reference's."""
    entry.setdefault("steps", None)
    add_dispersions(entry, want, ("row_consensus", "column_consensus"))
    for step, true in zip(entry["steps"] or (), want.get("steps", ()), strict=False):
        add_dispersions(step, true, ("row_density", "column_density"))


# A report says this of the files, the machine and the program.
SUMMARY = {"name": "x", "bytes": 0, "dtypes": {}, "files": [], "parameters": 0, "tensors": 0}
AROUND = {
    "format": "gatescope-report",
    "version": 2,
    "generator": "a test",
    "created": "1970-01-01T00:00:00Z",
    "backend": {"kind": "cpu", "adapter": None, "detail": "", "workers": 1},
    "timings": {"total": 0.0, "stages": {}},
    "partial": None,
    "fisher": None,
}
SETTINGS = {
    "k": 64,
    "alphas": [0.1],
    "eta": 1e-3,
    "abs_tolerance": 1e-5,
    "backend": "cpu",
    "exact_limit": 512,
    "function_preserving": True,
    "layers": None,
    "rename": [],
    "seed": 7,
    "comparison": None,
}


def add_to_report(report):
    """Adds what a report has beside its figures, and its runs beside their tensors."""
    report.update(copy.deepcopy(AROUND))
    report["settings"] = {**SETTINGS, **report["settings"]}
    for run in report["runs"]:
        run.update(checkpoint=SUMMARY, coverage=None, delta=None, comparison=None)
        for entry in run["left_out"]:
            entry["detail"] = "in a sentence"


def list_groups(run):
    """Returns every group of a run."""
    return [*run["layers"], *run["modules"], run["model"]]


def collect_constants(rows):
    """Returns the fields whose value the table itself says."""
    return {path: row.value for path, row in rows.items() if isinstance(row, Constant)}


def make_perfect_listed(reference):
    """Makes the perfect report of sparse deltas without their base."""
    report = remove_aids(reference, "", LISTED)
    add_to_report(report)
    for run in report["runs"]:
        for tensor in run["tensors"]:
            failed = tensor["status"] == "failed"
            tensor.update(
                collect_constants(listed_rows.TENSOR), geometry_note="no base", seconds=0.0
            )
            tensor["error"] = "a bad list" if failed else None
        for group in list_groups(run):
            group.update(copy.deepcopy(collect_constants(listed_rows.ROLLUP)))
    for entry, want in zip(report["overlaps"], reference["overlaps"], strict=True):
        add_to_overlap(entry, want)
    return report


def make_perfect_report(reference, exact=True):
    """Makes the report of the exact route, or of one that knows k + 1 singular values only."""
    if "base" in reference:
        return make_perfect_listed(reference)
    report = remove_aids(reference, "", TABLE)
    add_to_report(report)
    report["base"] = SUMMARY
    for run, true in zip(report["runs"], reference["runs"], strict=True):
        for tensor, want in zip(run["tensors"], true["tensors"], strict=True):
            add_to_tensor(tensor, want, exact)
        if not exact:
            run.update(rollups(run["tensors"]))
    for entry, want in zip(report["overlaps"], reference["overlaps"], strict=True):
        add_to_overlap(entry, want)
    return report
