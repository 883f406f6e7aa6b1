"""What a user would write with PyTorch to compare two checkpoints, and the float64 truth.

Each part is timed but for the truth. Reading the files and the cast to float32 stay outside the
times, so every doubt is in PyTorch's favour.
"""

import argparse
import json
import math
import pathlib
import statistics
import time

import torch
from safetensors.torch import load_file

Q, NITER = 80, 2


def isclose(w0, w1):
    return torch.isclose(w1, w0, rtol=1e-3, atol=0.0).float().mean().item()


def lowrank(w0, w1):
    base = torch.svd_lowrank(w0, q=Q, niter=NITER)
    tuned = torch.svd_lowrank(w1, q=Q, niter=NITER)
    torch.svd_lowrank(w1 - w0, q=Q, niter=NITER)
    return base, tuned


def full(w0, w1):
    return torch.linalg.svd(w0, full_matrices=False), torch.linalg.svd(w1, full_matrices=False)


def arccos_rotation(u0, u1):
    """As in most scripts: arccos of the smallest cosine.

    In float32 it can't see below about 0.02 degrees.
    """
    cosine = torch.linalg.svdvals(u0.T @ u1).min().clamp(-1, 1)
    return math.degrees(math.acos(cosine.item()))


def arcsin_rotation(u0, u1):
    """The truth goes by the sine, since a small angle is lost in its cosine."""
    sine = torch.linalg.matrix_norm(u1 - u0 @ (u0.T @ u1), 2).clamp(0, 1)
    return math.degrees(math.asin(sine.item()))


def figures(base, tuned, k, rotation):
    s0, s1 = base[1][:k].double(), tuned[1][:k].double()
    return {
        "base": s0.tolist(),
        "tuned": s1.tolist(),
        "nss_top_k": (torch.linalg.norm(s1 - s0) / torch.linalg.norm(s0)).item(),
        "rotation_left": rotation(base[0][:, :k], tuned[0][:, :k]),
    }


def timed(part, pairs, repeats):
    """Seconds for all pairs, the median of the repeats, and the results of the last one."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        results = [part(w0, w1) for w0, w1 in pairs]
        seconds.append(time.perf_counter() - start)
    return {"seconds": statistics.median(seconds), "all": seconds}, results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pair", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--k", type=int, default=64)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    base, tuned = (
        load_file(options.pair / side / "model.safetensors") for side in ("base", "tuned")
    )
    matrices = [name for name, w in base.items() if w.ndim == 2]
    everything = [(base[name].float(), tuned[name].float()) for name in base]
    pairs = [(base[name].float(), tuned[name].float()) for name in matrices]

    # The first call of each kernel sets up threads and buffers.
    full(*min(pairs, key=lambda pair: pair[0].numel()))
    timed(isclose, everything, 1), timed(lowrank, pairs, 1)
    times, found = {}, {}
    times["isclose"], _ = timed(isclose, everything, options.repeats)
    times["svd_lowrank"], low = timed(lowrank, pairs, options.repeats)
    times["full_svd"], whole = timed(full, pairs, 1)
    for name, results in (("svd_lowrank", low), ("full_svd", whole)):
        found[name] = {
            m: figures(*r, options.k, arccos_rotation) for m, r in zip(matrices, results)
        }
    del low, whole
    found["truth"] = {
        m: figures(*full(w0.double(), w1.double()), options.k, arcsin_rotation)
        for m, (w0, w1) in zip(matrices, pairs)
    }
    update = math.sqrt(
        sum((w1 - w0).double().square().sum().item() for w0, w1 in pairs)
        / sum(w0.double().square().sum().item() for w0, _ in pairs)
    )
    options.out.write_text(
        json.dumps(
            {
                "torch": torch.__version__,
                "threads": torch.get_num_threads(),
                "relative_update": update,
                "shapes": {m: list(base[m].shape) for m in matrices},
                "times": times,
                "found": found,
            }
        )
    )


if __name__ == "__main__":
    main()
