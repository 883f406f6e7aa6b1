"""The figures of a report by their literal definitions, in float64, sharing no code with the
product.

Sources: Zhu et al., "The Path Not Taken" (arXiv 2511.08567, PNT); Mukherjee et al. (arXiv
2505.11711, MUK).
"""
