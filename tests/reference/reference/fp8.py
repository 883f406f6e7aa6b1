"""8-bit floats by their bit fields, as tables of 256 float32 values.

F8_E4M3 (the "fn" kind: no infinities, NaN only where all other bits are set) and F8_E5M2 (as IEEE 754) are those of
Micikevicius et al., arXiv 2209.05433, table 1. F8_E8M0 holds scales only: 2^(code - 127), 255 is NaN (OCP Microscaling
Formats 1.0, section 5.4.1).
"""

import numpy as np

# Exponent bits, mantissa bits, bias.
FIELDS = {"F8_E4M3": (4, 3, 7), "F8_E5M2": (5, 2, 15)}


def table(kind):
    """The value of every code; all of them are exact in float32."""
    code = np.arange(256)
    if kind == "F8_E8M0":
        return np.where(code == 255, np.nan, 2.0 ** (code - 127)).astype(np.float32)
    exponents, mantissas, bias = FIELDS[kind]
    top = 2**exponents - 1
    exponent, mantissa = (code >> mantissas) & top, code & (2**mantissas - 1)
    # A subnormal has the exponent of the smallest normal and no leading 1.
    size = np.where(exponent == 0, mantissa, mantissa + 2**mantissas) * 2.0 ** (
        np.maximum(exponent, 1) - bias - mantissas
    )
    if kind == "F8_E5M2":
        size = np.where(exponent == top, np.where(mantissa == 0, np.inf, np.nan), size)
    else:
        size = np.where(code & 0x7F == 0x7F, np.nan, size)
    return np.where(code & 0x80, -size, size).astype(np.float32)


TABLES = {kind: table(kind) for kind in (*FIELDS, "F8_E8M0")}
