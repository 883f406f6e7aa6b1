"""A small Qwen2 model (arXiv 2407.10671) in the Hugging Face layout.

2.4 M parameters: grouped-query attention, biases on q, k, v, SwiGLU, RMSNorm, rotary positions.
Embedding and head are untied, as in Qwen2-7B, so that both kinds of tensor appear.
"""

import copy

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from task import ALPHABET, STOP

CONFIG = dict(
    vocab_size=len(ALPHABET),
    hidden_size=192,
    intermediate_size=512,
    num_hidden_layers=6,
    num_attention_heads=6,
    num_key_value_heads=2,
    max_position_embeddings=64,
    tie_word_embeddings=False,
    bos_token_id=None,
    eos_token_id=STOP,
    pad_token_id=STOP,
)


def new(seed):
    torch.manual_seed(seed)
    return Qwen2ForCausalLM(Qwen2Config(**CONFIG))


def load(folder):
    """Loads f32 master weights with the stored bf16 values: an untouched weight stays equal."""
    return Qwen2ForCausalLM.from_pretrained(folder, dtype=torch.float32)


def save(model, folder):
    """bf16, in shards of at most 3 MB with an index. Rounding happens here and nowhere earlier."""
    copy.deepcopy(model).to(torch.bfloat16).save_pretrained(folder, max_shard_size="3MB")
    tokenizer = Tokenizer(models.WordLevel({c: i for i, c in enumerate(ALPHABET)}, unk_token="."))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.decoder = decoders.Fuse()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=".", pad_token="."
    ).save_pretrained(folder)
