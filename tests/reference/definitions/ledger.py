"""What a comparison found: the largest deviation of each metric, as a share of its bar, and every bar exceeded."""

import contextlib


class Ledger:
    """Collects deviations; 1.0 is the bar."""

    def __init__(self):
        self.worst, self.failures, self.where = {}, [], "report"

    def add(self, metric, deviation, allowed, shown=""):
        """A deviation beside what is allowed. Written so that NaN fails."""
        ratio = 0.0 if deviation == 0 else deviation / allowed if allowed > 0 else float("inf")
        if not ratio <= self.worst.get(metric, (-1.0,))[0]:
            self.worst[metric] = (ratio, deviation, self.where)
        if not ratio <= 1.0:
            self.failures.append(
                f"{self.where}: {metric} deviates by {deviation:.3g}, allowed {allowed:.3g} {shown}"
            )

    def fail(self, metric, text):
        """Something that has no size: a missing figure, a wrong flag."""
        self.worst[metric] = (float("inf"), float("inf"), self.where)
        self.failures.append(f"{self.where}: {metric}: {text}")

    @contextlib.contextmanager
    def fields(self, of=""):
        """Ends the comparison of a part at the first field that the report lacks, with a line that names it."""
        try:
            yield
        except KeyError as lacking:
            self.fail(f"{of}{lacking.args[0]}", "missing")

    def covers(self, metric, uncertainty, got, want, rounded):
        """The truth is within what the report calls uncertain; null only beside null."""
        if uncertainty is None and want is not None:
            self.fail(metric, "null")
        else:
            self.near(metric, got, want, 0, uncertainty, rounded)

    def equal(self, metric, got, want):
        """Must be the same."""
        if got == want:
            self.add(metric, 0, 1)
        else:
            self.fail(metric, f"{str(got)[:200]} instead of {str(want)[:200]}")

    def near(self, metric, got, want, relative=0.0, floor=0.0, rounded=None):
        """|got - want| <= max(relative * |want|, floor), and |rounded - want| more; null only beside null."""
        if got is None or want is None:
            self.equal(metric, got, want)
        else:
            left = 0.0 if rounded is None else abs(rounded - want)
            self.add(
                metric,
                abs(got - want),
                max(relative * abs(want), floor) + left,
                f"(got {got:.9g}, want {want:.9g})",
            )

    def table(self):
        """One line a metric, worst first: its largest deviation as a share of what is allowed, itself, and where it was."""
        rows = sorted(self.worst.items(), key=lambda item: -item[1][0])
        width = max((len(name) for name in self.worst), default=0)
        head = f"{'metric':{width}}  {'of its bar':>10}  {'deviation':>10}  where"
        return "\n".join(
            [head] + [f"{name:{width}}  {r:10.3g}  {d:10.3g}  {w}" for name, (r, d, w) in rows]
        )
