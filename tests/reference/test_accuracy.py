"""The table of docs/accuracy.md: every row is a figure that is compared, or it would show a dash for good."""

import pytest

import accuracy
from compare import compare
from make_fixtures import CASES, HERE
from definitions.files import load
from test_compare import as_report


@pytest.fixture(scope="module")
def compared():
    """{case: metrics}."""
    found = {case: load(HERE / "fixtures" / case / "reference.json.gz") for case in CASES}
    return {
        case: set(compare(as_report(reference), reference).worst)
        for case, reference in found.items()
    }


@pytest.mark.parametrize("metric", accuracy.SHOWN)
def test_every_row_is_compared(compared, metric):
    assert [
        case
        for case, metrics in compared.items()
        if metric in metrics and accuracy.counts(metric, case)
    ]


def test_no_row_stands_twice():
    assert len(set(accuracy.SHOWN)) == len(accuracy.SHOWN)


def test_an_adapter_s_rounding_stands_for_no_error():
    assert (
        accuracy.counts("nss", "qwen2")
        and accuracy.counts("adapter.realized", "lora")
        and not accuracy.counts("nss", "lora")
    )
