"""One thread: matrices of these sizes gain nothing by more, and several wait for each other where cores are shared."""

import os

# Read when NumPy is first imported, so it stands before everything else.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
