"""The table of docs/accuracy.md: every row is compared somewhere, or it would show a dash for
good."""

import pytest

import accuracy
from compare import compare
from definitions.files import load
from make_fixtures import CASES, HERE
from perfect import make_perfect_report


@pytest.fixture(scope="module")
def compared():
    """Returns {case: metrics}."""
    found = {case: load(HERE / "fixtures" / case / "reference.json.gz") for case in CASES}
    return {
        case: set(compare(make_perfect_report(reference), reference).worst)
        for case, reference in found.items()
    }


def test_every_row_is_compared(compared):
    missing = [
        metric
        for metric in accuracy.SHOWN
        if not any(
            metric in metrics and accuracy.is_shown(metric, case)
            for case, metrics in compared.items()
        )
    ]
    assert missing == []


def test_no_row_stands_twice():
    assert len(set(accuracy.SHOWN)) == len(accuracy.SHOWN)


def test_an_adapters_rounding_stands_for_no_error():
    assert accuracy.is_shown("geometry.nss", "qwen2") and accuracy.is_shown("adapter.rank", "lora")
    assert not accuracy.is_shown("geometry.nss", "lora")
