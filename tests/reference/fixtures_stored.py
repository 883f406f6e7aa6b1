"""Values as a stored dtype holds them."""

import numpy as np

from reference import bf16


def stored(values, dtype):
    """The values after rounding to the stored dtype, so that updates start from what is stored."""
    if dtype == "BF16":
        return bf16.to_float32(bf16.from_float(np.asarray(values, dtype=np.float64))).astype(
            np.float64
        )
    return (
        np.asarray(values)
        .astype({"F16": np.float16, "F32": np.float32, "F64": np.float64}[dtype])
        .astype(np.float64)
    )
