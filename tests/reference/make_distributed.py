"""Makes the fixtures of checkpoints that several ranks wrote, with PyTorch itself: each rank is a
process, joined to the others by gloo. `whole/model.safetensors` holds the same weights.

python make_distributed.py [--out fixtures/distributed]

Written with torch 2.15.0 and safetensors 0.8.0; both are needed here alone.
"""

import argparse
import json
import os
import shutil
import tempfile
from pathlib import Path

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
import torch.multiprocessing
from safetensors.torch import save_file
from torch.distributed._shard import sharded_tensor
from torch.distributed.checkpoint.hf_storage import HuggingFaceStorageWriter
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor, Replicate, Shard, distribute_tensor
from torch.distributed.tensor.placement_types import _StridedShard

HERE = Path(__file__).parent
LAYER = "model.layers.0"


def make_weights():
    """Returns weights that no number of ranks from 2 to 4 divides evenly."""
    torch.manual_seed(17)
    return {
        "model.embed_tokens.weight": torch.randn(10, 6).bfloat16(),
        f"{LAYER}.self_attn.q_proj.weight": torch.randn(7, 6).bfloat16(),
        f"{LAYER}.mlp.experts.down_proj": torch.randn(3, 5, 4).half(),
        f"{LAYER}.input_layernorm.weight": torch.randn(5),
        "model.scale": torch.randn(1),
    }


def split_rows(weights, mesh):
    """Splits every tensor over the ranks as FSDP does; the norms lie on every rank."""
    return {
        name: distribute_tensor(w, mesh, [Replicate() if "norm" in name else Shard(0)])
        for name, w in weights.items()
    }


def split_hybrid(weights, mesh):
    """Splits every tensor within a group of ranks, of which there are several (HSDP)."""
    return {
        name: distribute_tensor(w, mesh, [Replicate(), Shard(0)]) for name, w in weights.items()
    }


def split_parallel(weights, mesh):
    """Splits tensors by FSDP and by tensor parallelism: along rows and columns, or along rows
    twice, where FSDP splits what tensor parallelism has left of a tensor."""

    def split(name, w):
        if "q_proj" in name or w.dim() == 1:
            return strided(w, mesh)
        return distribute_tensor(w, mesh, [Shard(0), Shard(1)])

    parts = {name: split(name, w) for name, w in weights.items()}
    # PyTorch itself joins the strided parts to the whole.
    assert all(torch.equal(parts[name].full_tensor(), w) for name, w in weights.items())
    return parts


def strided(w, mesh):
    """Splits rows first by tensor parallelism, then by FSDP, as fully_shard does."""
    tp = distribute_tensor(w, mesh["tp"], [Shard(0)]).to_local()
    placements = [_StridedShard(0, split_factor=mesh["tp"].size()), Shard(0)]
    local = distribute_tensor(tp, mesh["dp"], [Shard(0)]).to_local()
    return DTensor.from_local(
        local, mesh, placements, run_check=False, shape=w.shape, stride=w.stride()
    )


def split_sharded(weights, rank, ranks):
    """Splits every tensor into a ShardedTensor, as FSDP1 does without a mesh."""
    out = {}
    for name, w in weights.items():
        chunks = list(w.chunk(ranks))
        starts = [sum(len(c) for c in chunks[:i]) for i in range(ranks)]
        shards = []
        if rank < len(chunks):
            offsets = [starts[rank]] + [0] * (w.dim() - 1)
            shards = [
                sharded_tensor.Shard.from_tensor_and_offsets(chunks[rank].clone(), offsets, rank)
            ]
        out[name] = sharded_tensor.init_from_local_shards(shards, *w.shape)
    return out


def save_ranks(folder, state, rank, ranks):
    """Saves a rank's part as verl names it."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(state, folder / f"model_world_size_{ranks}_rank_{rank}.pt")
    config = {"FSDP_version": 2, "world_size": ranks}
    (folder / "fsdp_config.json").write_text(json.dumps(config, indent=4))


def save_dcp(folder, state, rank):
    """Saves model and optimizer as a folder of torch.distributed.checkpoint."""
    state = {"model": state, "optimizer": {"state": {"step": torch.tensor(3.0)}, "lr": 1e-5}}
    dcp.save(state, storage_writer=dcp.FileSystemWriter(folder, single_file_per_rank=True))


def save_safetensors(folder, state):
    """Saves every rank's part as a safetensors file of torch.distributed.checkpoint."""
    dcp.save(state, storage_writer=HuggingFaceStorageWriter(folder, save_distributed=True))


def run(rank, ranks, store, out):
    """Is one rank of a job that writes the cases for this number of ranks."""
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=ranks)
    weights = make_weights()
    if ranks == 3:
        mesh = init_device_mesh("cpu", (3,), mesh_dim_names=("fsdp",))
        rows = split_rows(weights, mesh)
        save_ranks(out / "dtensor", rows, rank, ranks)
        save_ranks(out / "sharded_tensor", split_sharded(weights, rank, ranks), rank, ranks)
        # Its metadata holds the path of the folder.
        os.chdir(out)
        save_dcp(Path("dcp"), rows, rank)
        save_safetensors(out / "dcp_safetensors", rows)
    else:
        hybrid = init_device_mesh("cpu", (2, 2), mesh_dim_names=("ddp", "fsdp"))
        save_ranks(out / "hybrid", split_hybrid(weights, hybrid), rank, ranks)
        parallel = init_device_mesh("cpu", (2, 2), mesh_dim_names=("dp", "tp"))
        save_ranks(out / "parallel", split_parallel(weights, parallel), rank, ranks)
    dist.barrier()
    dist.destroy_process_group()


def main():
    """Makes all fixtures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "fixtures" / "distributed")
    out = parser.parse_args().out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    (out / "whole").mkdir(parents=True)
    save_file(make_weights(), out / "whole" / "model.safetensors")
    for ranks in (3, 4):
        with tempfile.TemporaryDirectory() as folder:
            arguments = (ranks, Path(folder) / "store", out)
            torch.multiprocessing.start_processes(run, arguments, nprocs=ranks, start_method="fork")


if __name__ == "__main__":
    main()
