"""Holds what all tests share.

Matrices of these sizes gain nothing by several threads, which wait for each other where cores are
shared.
"""

import os

# NumPy reads it when it is first imported, so it stands before everything else.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest

from product import PROGRAM, build


@pytest.fixture(scope="session")
def program():
    """Returns the path of the native program, which it builds."""
    if problem := build():
        pytest.fail(f"the native program cannot be built:\n{problem}")
    return PROGRAM
