"""The runs of two reports side by side."""


def runs(ledger, got, want, tensor):
    """(place, run of the report, run of the reference) of each, after what is left out and every tensor of both by `tensor`."""
    ledger.equal("runs", len(got["runs"]), len(want["runs"]))
    for i, (g, w) in enumerate(zip(got["runs"], want["runs"])):
        ledger.where = f"run {i}"
        left_out = [sorted({(x["name"], x["reason"]) for x in r["left_out"]}) for r in (g, w)]
        ledger.equal("left_out", *left_out)
        found = {t["name"]: t for t in g["tensors"]}
        ledger.equal("tensor names", sorted(found), sorted(t["name"] for t in w["tensors"]))
        for t in w["tensors"]:
            ledger.where = f"run {i} {t['name']}"
            if t["name"] in found:
                with ledger.fields():
                    tensor(ledger, found[t["name"]], t)
        yield i, g, w
