// Which files may hold weights, by their names: crate/src/checkpoint/formats/ has the same rules.

/** Words that name a part of a training's state. Whole words: an upscaler is a model. */
const STATE_WORDS = /(^|[_.-])(optim|optimizers?|schedulers?|scaler|sampler|dataloader)([_.-]|$)/;
const STATE_NAMES = /rng_state|random_state|training_args|trainer_state|extra_state/;
/** States of a loop that Megatron Core and verl save beside the weights. */
const LOOP_STATES = /^(common|data|dataloader)\.pt$/;
/** Files of PyTorch: the name, and its ending. */
const PYTORCH = /^(.*)\.(bin|pt|pth|ckpt)$/;
/** Words of which a .bin file with weights has one: others of this ending are anything. */
const OF_WEIGHTS = /model|weights|consolidated|lora/;
/** Parts of distributed saves, whether they are joined or refused by what they are. */
const PARTS = [
  /^model_world_size_\d+_rank_\d+\.pt$/,
  /\.distcp$/,
  /^(bf16_)?zero_pp_rank_\d+_mp_rank_\d+_model_states\.pt$/,
  /^mp_rank_\d*[1-9]\d*_model_states\.pt$/,
  /^layer_\d+-model_\d+-model_states\.pt$/,
  /^(layer_\d+_)?expert_\d+_mp_rank_\d+_model_states\.pt$/,
  /^pytorch_model_fsdp(_\d+)?_rank\d+\.bin$/,
];

/** @param {string} path */
export const fileName = (path) => path.slice(path.lastIndexOf('/') + 1);

/** @param {string} name */
function isPytorch(name) {
  const [, stem, ending] = PYTORCH.exec(name) ?? [];
  return (
    stem !== undefined &&
    !STATE_WORDS.test(stem) &&
    !STATE_NAMES.test(stem) &&
    !stem.includes('ggml') &&
    !LOOP_STATES.test(name) &&
    (ending !== 'bin' || OF_WEIGHTS.test(stem))
  );
}

/** @param {string} path */
export const isSafetensors = (path) => /\.safetensors$/i.test(path);

/**
 * Whether a file may hold weights, by its name alone.
 * @param {string} path
 */
export function isWeights(path) {
  const name = fileName(path).toLowerCase();
  return (
    /\.(safetensors|gguf)$/.test(name) || PARTS.some((part) => part.test(name)) || isPytorch(name)
  );
}
