"""Makes the files of fixtures/torch with PyTorch itself: the same weights by `torch.save` in all
its forms and as safetensors, and files that can't be read.

python make_torch_fixtures.py [--out fixtures/torch]

Made with torch 2.15.0 and safetensors 0.8.0. They are kept in the repository, so that the crate's
tests need no PyTorch.
"""

import argparse
import json
import zipfile
from argparse import Namespace
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent


def make_weights():
    """Weights of every dtype and layout that is read: tied, transposed, a part of another, a
    scalar, without elements."""
    generator = torch.Generator().manual_seed(17)
    normal = torch.randn(6, 8, generator=generator)
    embedding = normal[:, :4].clone()
    return OrderedDict(
        {
            "embed.weight": embedding,
            "head.weight": embedding,
            "transposed.weight": normal.to(torch.bfloat16).t(),
            "part.weight": normal.to(torch.float16)[1:4, 2:5],
            "rows.weight": normal[2:5],
            "permuted.weight": normal.reshape(2, 3, 8).permute(2, 0, 1),
            "double.bias": normal[0].double(),
            "scalar": torch.tensor(0.5),
            "empty": torch.zeros(0, 3),
            "codes": normal.to(torch.float8_e4m3fn),
            "ids": torch.arange(4),
            "mask": torch.tensor([True, False]),
        }
    )


def write_forms(out, weights):
    """Writes the weights in every form."""
    save_file({name: t.clone().contiguous() for name, t in weights.items()}, out / "a.safetensors")
    torch.save(weights, out / "flat.pt")
    torch.save(weights, out / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(weights, out / "protocol4.pt", pickle_protocol=4)
    moments = {"exp_avg": torch.zeros(16, 32), "exp_avg_sq": torch.zeros(1).expand(64)}
    parameters = {
        name: torch.nn.Parameter(t, requires_grad=t.is_floating_point())
        for name, t in weights.items()
    }
    training = {
        "epoch": 3,
        "hyper_parameters": Namespace(lr=0.1, betas=(0.9, 0.95)),
        "optimizer_states": [{"state": {0: moments}, "param_groups": [{"params": [0]}]}],
        "state_dict": parameters,
        "averages": {"small.weight": torch.zeros(2, 2)},
        "loops": {"history": [torch.zeros(2)]},
    }
    torch.save(training, out / "training.ckpt")
    shards = [f"pytorch_model-0000{i}-of-00002.bin" for i in (1, 2)]
    halves = list(weights)[:6], list(weights)[6:]
    for file, names in zip(shards, halves):
        torch.save({name: weights[name] for name in names}, out / file)
    index = {name: file for file, names in zip(shards, halves) for name in names}
    (out / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": index}))


def write_refused(out):
    """Writes what can't be read: tensors of other kinds beside a good one, and whole files."""
    dense = torch.eye(2)
    torch.save(
        {
            "good.weight": dense,
            "quantized.weight": torch.quantize_per_tensor(dense, 0.1, 0, torch.qint8),
            "sparse.weight": dense.to_sparse(),
            "meta.weight": torch.empty(2, 2, device="meta"),
            "expanded.weight": torch.zeros(1).expand(8),
            "complex.weight": torch.zeros(2, dtype=torch.complex128),
        },
        out / "kinds.pt",
    )
    torch.save(torch.nn.Linear(1, 1), out / "module.pt")
    torch.save([dense], out / "list.pt")
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), out / "script.pt")
    with zipfile.ZipFile(out / "flat.pt") as flat:
        entries = [(entry.filename, flat.read(entry)) for entry in flat.infolist()]
    with zipfile.ZipFile(out / "compressed.pt", "w", zipfile.ZIP_DEFLATED) as deflated:
        for name, data in entries:
            stored = name.endswith(".pkl")
            deflated.writestr(name, data, zipfile.ZIP_STORED if stored else None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "fixtures" / "torch")
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    write_forms(folder, make_weights())
    write_refused(folder)
