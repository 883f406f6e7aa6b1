// The report as docs/report.schema.json describes it. `npm run types` writes this file; a test
// holds it to the schema. What the page adds to a report stands in model.d.ts.

/**
 * The kind of comparison between the base and a tuned checkpoint. It decides which reported
 * figures a value is shown beside, and whether several checkpoints are compared step by step.
 * - `whole_run`: The tuned checkpoint is the result of a whole run from the base.
 * - `per_step`: The base is a save of the same run, a step or a few before the tuned
 * checkpoint.
 * - `steps`: All tuned checkpoints are saves of one run, in order.
 */
export type Comparison = 'whole_run' | 'per_step' | 'steps';
/**
 * A side of a matrix.
 * - `rows`: Rows.
 * - `columns`: Columns.
 */
export type Axis = 'rows' | 'columns';
/**
 * The backend that the user asks for.
 * - `auto`: A hardware GPU where there is one, else the CPU.
 * - `cpu`: The CPU.
 * - `gpu`: The GPU, also a software adapter.
 */
export type BackendChoice = 'auto' | 'cpu' | 'gpu';
/**
 * A backend that computes.
 * - `cpu`: The CPU: threads, or workers with WebAssembly.
 * - `gpu`: A GPU, natively or by WebGPU.
 */
export type BackendKind = 'cpu' | 'gpu';
/**
 * A change of basis of attention heads.
 * - `none`: No change of basis explains the update.
 * - `rotated`: Each head was rotated.
 * - `permuted`: The heads changed places.
 * - `permuted_and_rotated`: The heads changed places and were rotated.
 */
export type BasisChange = 'none' | 'rotated' | 'permuted' | 'permuted_and_rotated';
/**
 * How a matrix was decomposed.
 * - `gram_eigen`: Eigenvalues of Gram matrices, which give the whole spectrum.
 * - `block_lanczos`: Block Lanczos iteration, which gives the leading part of the spectrum.
 */
export type DecompositionMethod = 'gram_eigen' | 'block_lanczos';
/**
 * How the files of a sparse delta are laid out. docs/report-format.md has the sources.
 * - `trl`: TRL: indices and values of each parameter under names of their own.
 * - `prime-rl-sparse-hf-v1`: prime-rl: a manifest, and one file per rank.
 * - `prime-rl-sparse-update`: prime-rl: a manifest, and one file.
 * - `slime-disk-delta`: slime and miles: a checkpoint's folder whose tensors are compressed
 * changes of bytes.
 */
export type DeltaLayout =
  'trl' | 'prime-rl-sparse-hf-v1' | 'prime-rl-sparse-update' | 'slime-disk-delta';
/**
 * A dtype that kernels read, by the name that safetensors uses.
 * - `BF16`: bfloat16.
 * - `F16`: IEEE half.
 * - `F32`: IEEE single.
 * - `F64`: IEEE double; products take it rounded to f32.
 */
export type Dtype = 'BF16' | 'F16' | 'F32' | 'F64';
/**
 * Why a tensor or a file was left out.
 * - `only_in_base`: The tuned checkpoint has no tensor of this name.
 * - `only_in_tuned`: The base has no tensor of this name.
 * - `shape_differs`: Base and tuned have the tensor in different shapes.
 * - `unsupported_dtype`: The dtype cannot be read.
 * - `bad_scale`: The scale of an FP8 tensor is missing, or does not fit it.
 * - `bad_delta`: The changes that a sparse delta holds for the tensor cannot be read, or do
 * not fit it.
 * - `missing_shard`: The shard index names the file, which was not given.
 * - `bad_file`: The file cannot be read.
 * - `duplicate`: Another file holds a tensor of the same name, which is used.
 * - `layer_not_selected`: The tensor is in none of the layers that the user chose.
 * - `empty`: The tensor has no elements.
 * - `failed`: The analysis of the tensor failed.
 * - `not_adapted`: The adapter leaves the tensor as it is.
 * - `bad_adapter`: The factors that an adapter holds for the tensor do not fit it.
 * - `buffer`: The tensor is a buffer, which training does not change: a mask, a frequency, a
 * counter.
 * - `quantization_parameter`: The tensor is a scale, a zero point or another parameter of a
 * quantisation.
 * - `not_used`: The folder has another complete set of weights, which is used in place of this
 * file; or the tensor is a copy of one that it is tied to.
 * - `rows_differ`: Rows that only one side has; those that both have are compared.
 */
export type LeftOutReason =
  | 'only_in_base'
  | 'only_in_tuned'
  | 'shape_differs'
  | 'unsupported_dtype'
  | 'bad_scale'
  | 'bad_delta'
  | 'missing_shard'
  | 'bad_file'
  | 'duplicate'
  | 'layer_not_selected'
  | 'empty'
  | 'failed'
  | 'not_adapted'
  | 'bad_adapter'
  | 'buffer'
  | 'quantization_parameter'
  | 'not_used'
  | 'rows_differ';
/**
 * The kind of module that a tensor belongs to, by its name.
 * - `q`: Query projection of attention.
 * - `k`: Key projection of attention.
 * - `v`: Value projection of attention.
 * - `o`: Output projection of attention.
 * - `qkv`: Query, key and value projections in one tensor.
 * - `gate`: Gate projection of an MLP.
 * - `up`: Up projection of an MLP.
 * - `down`: Down projection of an MLP.
 * - `gate_up`: Gate and up projections of an MLP in one tensor.
 * - `embed`: Embedding of tokens or positions.
 * - `norm`: Normalisation.
 * - `head`: Output head of the language model.
 * - `expert`: Any projection of an expert, shared ones included.
 * - `router`: Router of a mixture of experts.
 * - `bias`: Any bias except those of normalisations.
 * - `other`: The name tells none of these.
 */
export type Module =
  | 'q'
  | 'k'
  | 'v'
  | 'o'
  | 'qkv'
  | 'gate'
  | 'up'
  | 'down'
  | 'gate_up'
  | 'embed'
  | 'norm'
  | 'head'
  | 'expert'
  | 'router'
  | 'bias'
  | 'other';
/**
 * Why not every tensor was analysed.
 * - `cancelled`: The user ended the analysis.
 */
export type PartialReason = 'cancelled';
/**
 * The checkpoint whose names a rule changes.
 * - `base`: The base.
 * - `tuned`: The tuned checkpoint.
 */
export type RenamedSide = 'base' | 'tuned';
/**
 * The side of a comparison that is the other one, rounded.
 * - `tuned`: The tuned checkpoint is the base, rounded to the tuned dtype: a cast.
 * - `base`: The base is the tuned checkpoint, rounded to the base's dtype: what differs is
 * less than the base's dtype can hold, as between two casts of one model.
 */
export type RoundedSide = 'tuned' | 'base';
/**
 * Whether the analysis of a tensor succeeded.
 * - `done`: The tensor was analysed.
 * - `failed`: The analysis failed.
 */
export type Status = 'done' | 'failed';

/**
 * One analysis: a base checkpoint against one or more tuned ones, or sparse deltas alone.
 */
export interface Report {
  /**
   * The backend that computed it.
   */
  backend: BackendInfo;
  /**
   * The base checkpoint; `null` where sparse deltas were read without theirs.
   */
  base?: CheckpointSummary | null;
  /**
   * Figures of a few tensors computed again by another route; absent where that was not done.
   */
  check?: Check | null;
  /**
   * ISO 8601, UTC; the only field besides `timings` that differs between two equal runs.
   */
  created: string;
  /**
   * The diagonal Fisher of the base, where one was given.
   */
  fisher?: CheckpointSummary | null;
  /**
   * Always `gatescope-report`.
   */
  format: 'gatescope-report';
  /**
   * The version of Gatescope that wrote it.
   */
  generator: string;
  /**
   * Comparisons of the runs with each other: one entry for each tensor that several runs have,
   * then one for the model. Empty for one run.
   */
  overlaps?: Overlap[];
  /**
   * The progress of an analysis that was ended early; `null` for a whole report.
   */
  partial?: Partial | null;
  /**
   * One entry for each tuned checkpoint, in the order given.
   */
  runs: Run[];
  /**
   * The settings.
   */
  settings: Settings;
  /**
   * How far the details of each tensor are shortened; absent where they are whole.
   */
  shortened?: Shortened | null;
  /**
   * Wall-clock seconds.
   */
  timings: Timings;
  /**
   * Version of the format.
   */
  version: 2;
}
/**
 * The content of a checkpoint, read from its headers alone.
 */
export interface CheckpointSummary {
  /**
   * Number of their bytes.
   */
  bytes: number;
  /**
   * Number of tensors per dtype, by safetensors' names.
   */
  dtypes: {
    [k: string]: number;
  };
  /**
   * The shards read, in order.
   */
  files: FileSummary[];
  /**
   * The name the user gave, or the folder's.
   */
  name: string;
  /**
   * Number of their elements.
   */
  parameters: number;
  /**
   * Number of tensors of a supported dtype.
   */
  tensors: number;
}
/**
 * One file of a checkpoint.
 */
export interface FileSummary {
  /**
   * Number of bytes.
   */
  bytes: number;
  /**
   * SHA-256 of the header of a safetensors file, with its length; of another file, that of its
   * first MiB. Absent where the report's writer did not read the file again for it.
   */
  header_digest?: string | null;
  /**
   * The name, with folders where the browser told them.
   */
  name: string;
  /**
   * SHA-256 of the number of bytes (8 bytes, little-endian) and of up to 64 blocks of 4 KiB at
   * equal distances, the first and the last one among them.
   */
  sampled_digest?: string | null;
}
/**
 * Figures of a few tensors, computed a second time on the CPU in f64, from whole Gram matrices
 * and by counting weight by weight, beside those of the report.
 */
export interface Check {
  /**
   * How many of them are counts that differ; 0 if all is well, since counts are exact.
   */
  counts_differ: number;
  /**
   * The figure that deviates most, by its path in the tensor's object; empty without any.
   */
  figure: string;
  /**
   * Number of figures that were compared.
   */
  figures: number;
  /**
   * The largest deviation: of sizes and singular values as a share of the largest one, of shares
   * as it is, of angles as a share of 90°, of counts as a share of the weights.
   */
  largest_deviation: number;
  /**
   * The place of its run.
   */
  run: number;
  /**
   * Its tensor.
   */
  tensor: string;
  /**
   * Number of tensors that were computed again, one of each run counted for itself.
   */
  tensors: number;
}
/**
 * Update masks and updates of several runs against each other, for one tensor or the model.
 * Tables are R × R in the order of `runs`. M_r is the set of weights that run r changed in
 * bf16, or without a base the set of weights that it lists.
 */
export interface Overlap {
  /**
   * |M_a ∩ M_b|.
   */
  both: number[][];
  /**
   * |M_r|: number of weights that each run changed.
   */
  changed: number[];
  /**
   * Share of weights changed in all runs, per column; `null` for vectors and the model.
   */
  column_consensus?: Profile | null;
  /**
   * Where in the matrix all runs changed weights; `null` for vectors and the model.
   */
  consensus_map?: ConsensusMap | null;
  /**
   * Cosine ⟨Δa, Δb⟩ / (‖Δa‖‖Δb‖); `null` where a norm is 0 and without a base.
   */
  cosine: (number | null)[][];
  /**
   * Inner products ⟨Δa, Δb⟩ of the stored values, over the weights that are finite on every
   * side; `null` without a base.
   */
  dot: (number | null)[][];
  /**
   * Number of weights changed in exactly 0, 1, …, R runs; the first is `null` if a shape is
   * unknown.
   */
  exactly: (number | null)[];
  /**
   * Shares of weights in exactly 0, 1, …, R independent masks (Poisson-binomial); empty if a
   * shape is unknown.
   */
  exactly_chance: number[];
  /**
   * Jaccard index |M_a ∩ M_b| / |M_a ∪ M_b|; `null` where both are empty.
   */
  jaccard: (number | null)[][];
  /**
   * Jaccard index of independent masks with the same densities p and q: pq/(p + q − pq); for the
   * model from expected counts summed over tensors.
   */
  jaccard_chance: (number | null)[][];
  /**
   * Mean of `jaccard` over pairs of different runs.
   */
  mean_jaccard?: number | null;
  /**
   * Mean of `jaccard_chance` over pairs of different runs.
   */
  mean_jaccard_chance?: number | null;
  /**
   * Name of the tensor; `null` for the model, which sums over the tensors that all runs have.
   */
  name?: string | null;
  /**
   * |M_a ∩ M_b| / |M_a|, a being the row (MUK); chance is the density of M_b.
   */
  one_sided: (number | null)[][];
  /**
   * Number of weights. 0 if the shape is unknown; chance levels are then `null`.
   */
  parameters: number;
  /**
   * Share of weights changed in all runs, per row; `null` for vectors and the model.
   */
  row_consensus?: Profile | null;
  /**
   * The runs that have the tensor, two or more, as indices into the report's `runs`.
   */
  runs: number[];
  /**
   * The changes of each step from the one before it, the base going before the first; `null`
   * unless the runs are steps of one run.
   */
  steps?: Step[] | null;
}
/**
 * A density along rows or columns, averaged into at most 256 neighbouring groups.
 */
export interface Profile {
  /**
   * Index of dispersion: the variance of the densities over the binomial variance of independent
   * changes. It is 1 by chance and far more with stripes; `null` where nothing or everything
   * changed, and for a single row or column.
   */
  dispersion?: number | null;
  /**
   * Number of rows or columns.
   */
  length: number;
  /**
   * Density of the densest row or column.
   */
  max: number;
  /**
   * Median density of a row or column.
   */
  median: number;
  /**
   * Density of the sparsest row or column.
   */
  min: number;
  /**
   * Mean density of each group.
   */
  values: number[];
}
/**
 * A downsampled map of one density, coded as [`Maps::changed`].
 */
export interface ConsensusMap {
  /**
   * Density of the weights that changed in all runs, or of those that a sparse delta lists.
   */
  all: string;
  /**
   * Number of the matrix's columns in a cell; the last cell may hold fewer.
   */
  column_group: number;
  /**
   * Number of columns of cells.
   */
  columns: number;
  /**
   * Number of the matrix's rows in a cell; the last cell may hold fewer.
   */
  row_group: number;
  /**
   * Number of rows of cells.
   */
  rows: number;
}
/**
 * Changes of one step in bf16.
 */
export interface Step {
  /**
   * Number of weights that the step changed.
   */
  changed: number;
  /**
   * Share of changed weights per column; `null` for vectors and the model.
   */
  column_density?: Profile | null;
  /**
   * `changed / parameters`: 1 minus the sparsity of one step, which is not that of a whole run.
   */
  density: number;
  /**
   * Share of changed weights per row; `null` for vectors and the model.
   */
  row_density?: Profile | null;
}
/**
 * The progress of an analysis that was ended before its time.
 */
export interface Partial {
  /**
   * Number of tensors of the base that were analysed in every run that has them; without a base,
   * those that the deltas list.
   */
  finished: number;
  /**
   * Why the report is not whole.
   */
  reason: PartialReason;
  /**
   * Number of tensors of the base that have a partner; without a base, those that the deltas
   * list.
   */
  total: number;
}
/**
 * One tuned checkpoint against the base.
 */
export interface Run {
  /**
   * Tensors whose whole update is the rounding between two dtypes; absent without any.
   */
  cast?: CastSummary | null;
  /**
   * The tuned checkpoint.
   */
  checkpoint: CheckpointSummary;
  /**
   * The kind of comparison: as a delta's files tell it (`per_step`: two versions that follow
   * each other; `whole_run`: from version 0 on), else as the user set it; `null` where nobody
   * said. Reports of version 1 call it `span`.
   */
  comparison?: Comparison | null;
  /**
   * The share of both checkpoints that was compared; `null` without a base, and in reports that
   * do not tell it.
   */
  coverage?: Coverage | null;
  /**
   * The sparse delta that the tuned checkpoint was given as; else `null`.
   */
  delta?: DeltaSummary | null;
  /**
   * One entry per layer, ascending; `key` is the layer's number.
   */
  layers: Rollup[];
  /**
   * Tensors and files that could not be compared, with the reason.
   */
  left_out: LeftOut[];
  /**
   * Everything together; `key` is `model`.
   */
  model: Rollup;
  /**
   * One entry per kind of module; `key` is its name.
   */
  modules: Rollup[];
  /**
   * The rules by which names of one side were changed to find their partners.
   */
  renamings?: Renaming[];
  /**
   * The tensors in the base's order.
   */
  tensors: TensorReport[];
}
/**
 * Tensors of a run whose whole update is the rounding between two dtypes.
 */
export interface CastSummary {
  /**
   * The base's dtype as stored, of most of these weights.
   */
  from: string;
  /**
   * Number of their weights.
   */
  parameters: number;
  /**
   * The side that is the other one, rounded.
   */
  rounded: RoundedSide;
  /**
   * Number of these tensors.
   */
  tensors: number;
  /**
   * The tuned dtype as stored.
   */
  to: string;
  /**
   * Whether no other tensor of the run changed: the run is a cast and nothing else.
   */
  whole: boolean;
}
/**
 * Numbers of weights of a base and of a tuned checkpoint, and of those that are compared.
 * Buffers and parameters of a quantisation are no weights. Weights that can't be read count
 * where a header tells how many they are; those of files that are missing are not known.
 */
export interface Coverage {
  /**
   * Number of weights of the base.
   */
  base: number;
  /**
   * Number of weights of the base that are compared: in the layers that were chosen, and in a
   * report those of tensors that were analysed.
   */
  compared: number;
  /**
   * Number of weights of the tuned checkpoint that are compared.
   */
  compared_tuned?: number;
  /**
   * Number of weights of the base that an adapter leaves as they are: they are known to be
   * unchanged without being compared.
   */
  not_adapted?: number;
  /**
   * Number of weights of the tuned checkpoint; of an adapter or a sparse delta, of what it makes
   * of the base.
   */
  tuned: number;
}
/**
 * A sparse delta, as its own files describe it.
 */
export interface DeltaSummary {
  /**
   * The version that it was made from; `null` where the files do not tell. Reports of version 1
   * call it `base_step`.
   */
  base_version?: number | null;
  /**
   * Weights listed in it; of several files, those of each. `null` where bytes are listed and not
   * weights.
   */
  changed?: number | null;
  /**
   * The layout of its files.
   */
  layout: DeltaLayout;
  /**
   * The version that it leads to; `null` where the files do not tell. Reports of version 1 call
   * it `target_step`.
   */
  target_version?: number | null;
}
/**
 * One group of tensors.
 */
export interface Rollup {
  /**
   * Number of weights whose stored bits are equal.
   */
  bit_equal: number;
  /**
   * Share of weights that differ as stored but are unchanged after the cast to bf16.
   */
  hidden_by_bf16?: number | null;
  /**
   * The layer's number, the module's name, or `model`.
   */
  key: string;
  /**
   * Σ of the tensors' quadratic KL; `null` where none has a Fisher.
   */
  kl_quadratic?: number | null;
  /**
   * Share of the run's summed quadratic KL; `null` where that sum is 0.
   */
  kl_share?: number | null;
  /**
   * Without a base, the weights that sparse deltas list; else `null`.
   */
  listed?: ListedRollup | null;
  /**
   * Summed mask counts for each α.
   */
  masks: RollupMask[];
  /**
   * Number of matrices among them that have a geometry.
   */
  matrices: number;
  /**
   * Largest |Δ| of a weight.
   */
  max_abs_update: number;
  /**
   * Number of weights that are NaN or infinite on either side.
   */
  non_finite: number;
  /**
   * Number of elements.
   */
  parameters: number;
  /**
   * √Σ‖Δ‖² / √Σ‖W0‖²; `null` for a zero base.
   */
  relative_update?: number | null;
  /**
   * Share of weights with |Δ| at most the absolute tolerance.
   */
  sparsity_abs?: number | null;
  /**
   * Share of weights that are unchanged under the bf16 gate.
   */
  sparsity_bf16?: number | null;
  /**
   * Means over matrices of the figures whose `rollup` is `mean` in docs/figures.json (those
   * marked `resolved_only` over resolved matrices), and of their chance levels under the names
   * that stand there.
   */
  spectral: {
    [k: string]: Mean;
  };
  /**
   * The figures along the rank, ascending.
   */
  sweep?: RollupSweep[];
  /**
   * Number of its tensors that were analysed.
   */
  tensors: number;
  /**
   * Number of weights that are unchanged under the bf16 gate.
   */
  unchanged: number;
}
/**
 * Listed weights of a group of tensors.
 */
export interface ListedRollup {
  /**
   * Number of listed weights.
   */
  changed: number;
  /**
   * `changed / parameters`.
   */
  density?: number | null;
  /**
   * Number of weights; `null` where the shape of one of its tensors is not known.
   */
  parameters?: number | null;
  /**
   * Number of its tensors that were read.
   */
  tensors: number;
}
/**
 * Mask overlaps of a group at one α, from summed counts.
 */
export interface RollupMask {
  /**
   * Mask fraction.
   */
  alpha: number;
  /**
   * |M|: number of weights that changed in bf16.
   */
  changed: number;
  /**
   * M_low: the bottom α of |W0|.
   */
  low: MaskOverlap;
  /**
   * M_princ: the top α of |W0^(k)|.
   */
  principal: MaskOverlap;
  /**
   * M_princ ∩ ¬M_low.
   */
  principal_not_low: MaskOverlap;
  /**
   * M_low ∪ ¬M_princ.
   */
  safe: MaskOverlap;
}
/**
 * An unweighted mean over matrices.
 */
export interface Mean {
  /**
   * Number of matrices.
   */
  count: number;
  /**
   * Largest value.
   */
  max: number;
  /**
   * Mean of the figure.
   */
  mean: number;
  /**
   * Median value.
   */
  median: number;
  /**
   * Smallest value.
   */
  min: number;
}
/**
 * A group at one rank of the sweep.
 */
export interface RollupSweep {
  /**
   * The rank.
   */
  k: number;
  /**
   * Number of matrices that have it in their sweep: a rank below the one set is the last of
   * smaller or rank-deficient matrices alone.
   */
  matrices: number;
  /**
   * M_princ at this rank for each α, from summed counts.
   */
  principal: MaskOverlap[];
  /**
   * Means over them, under the names of the group's own `spectral`, of the figures that are
   * taken along the rank (`sweep` in docs/figures.json), and of their chance levels.
   */
  spectral: {
    [k: string]: Mean;
  };
}
/**
 * The overlap |M• ∩ M|/|M| of a mask M• with the update mask M, beside its chance level.
 */
export interface MaskOverlap {
  /**
   * |M• ∩ M|: number of weights in both masks.
   */
  both: number;
  /**
   * The overlap that a random mask gives: the density of M•.
   */
  chance: number;
  /**
   * `overlap / chance`; `null` where either mask is empty.
   */
  enrichment?: number | null;
  /**
   * `both / |M|`; `null` where M is empty.
   */
  overlap?: number | null;
  /**
   * |M•|: number of weights in the mask.
   */
  size: number;
}
/**
 * A tensor or file that was left out.
 */
export interface LeftOut {
  /**
   * The reason as a sentence.
   */
  detail: string;
  /**
   * The tensor's or the file's name.
   */
  name: string;
  /**
   * The kind of reason.
   */
  reason: LeftOutReason;
}
/**
 * A rule by which names of one checkpoint were changed, so that they have partners in the
 * other.
 */
export interface Renaming {
  /**
   * One name before and after.
   *
   * @minItems 2
   * @maxItems 2
   */
  example: [string, string];
  /**
   * The part of the names that was replaced, as `model.language_model.`.
   */
  from: string;
  /**
   * The checkpoint whose names were changed.
   */
  side: RenamedSide;
  /**
   * Number of tensors that were renamed by it.
   */
  tensors: number;
  /**
   * What stands in its place, as `model.`; empty where it was taken off.
   */
  to: string;
}
/**
 * One tensor of the base compared with its partner in one tuned checkpoint, or without a base
 * the weights of a tensor that a sparse delta lists.
 */
export interface TensorReport {
  /**
   * The LoRA adapter on this weight; `null` without one.
   */
  adapter?: Adapter | null;
  /**
   * How much of the update is the rounding between two dtypes; absent where both sides are
   * stored in one, and where the tuned side is quantised.
   */
  cast?: Cast | null;
  /**
   * The dtype in which both sides are compared; without a base, that of the delta's values.
   */
  dtype: Dtype;
  /**
   * The base's dtype as stored, by safetensors' name; empty without a base and in reports that
   * are older than this field.
   */
  dtype_base?: string;
  /**
   * The tuned tensor's dtype as stored, by safetensors' name.
   */
  dtype_tuned?: string;
  /**
   * Why it failed, in one sentence.
   */
  error?: string | null;
  /**
   * Why other figures are missing, as those that no number holds.
   */
  figures_note?: string | null;
  /**
   * Gate I: the update weighted by a diagonal Fisher; `null` without a usable one.
   */
  fisher?: Fisher | null;
  /**
   * Why the given Fisher can't be used for this tensor.
   */
  fisher_note?: string | null;
  /**
   * Whether a value projection changed its basis together with its layer's output projection;
   * `null` unless its update is large and config.json tells the heads.
   */
  function_preserving?: FunctionPreserving | null;
  /**
   * Gate II: spectra and principal subspaces; `null` for vectors and where `geometry_note` says
   * why.
   */
  geometry?: Geometry | null;
  /**
   * Why there is no geometry.
   */
  geometry_note?: string | null;
  /**
   * The attention heads of a projection; `null` for tensors without heads.
   */
  heads?: Heads | null;
  /**
   * The layer's number, taken from the name; `null` outside layers.
   */
  layer?: number | null;
  /**
   * The weights that a sparse delta lists; `null` with a base.
   */
  listed?: Listed | null;
  /**
   * Where in the matrix weights changed; `null` for vectors.
   */
  maps?: Maps | null;
  /**
   * One entry for each α, in the order of the settings.
   */
  masks: Masks[];
  /**
   * The kind of module, taken from the name.
   */
  module: Module;
  /**
   * The tensor's full name; `[e]` is appended for slice e of stacked experts.
   */
  name: string;
  /**
   * Number of elements; 0 if the shape is unknown.
   */
  parameters: number;
  /**
   * Gate III: what the stored precision shows of the update.
   */
  precision?: Precision | null;
  /**
   * Codes and scales that agree; `null` unless both sides are FP8 of one kind.
   */
  quantized?: Quantized | null;
  /**
   * Wall-clock seconds that the analysis of this tensor took.
   */
  seconds: number;
  /**
   * Its shape as stored, row-major: one or two dimensions. Empty if a sparse delta without its
   * base does not tell it.
   */
  shape: number[];
  /**
   * Whether the analysis succeeded; where it failed, `error` has the reason.
   */
  status: Status;
  /**
   * True if the architecture stores inputs × outputs (GPT-2's Conv1D): rows are then inputs.
   */
  transposed: boolean;
  /**
   * The size of the update.
   */
  update?: Update | null;
}
/**
 * The update Δ = s·B·A of a PEFT adapter. `precision`, `maps` and the update mask are those of
 * the weight merged in the base's dtype as PEFT merges it; `update` and `geometry` are those
 * of Δ before the merge.
 */
export interface Adapter {
  /**
   * The share that a random A gives: k over the length of A's side.
   */
  a_chance?: number | null;
  /**
   * Share of ‖A‖² in the principal subspace of its side; `null` without a geometry or where A is
   * 0. PiSSA starts at 1, MiLoRA at 0.
   */
  a_principal?: number | null;
  /**
   * The share that a random B gives: k over the length of B's side.
   */
  b_chance?: number | null;
  /**
   * Share of ‖B‖² in the principal subspace of its side.
   */
  b_principal?: number | null;
  /**
   * ‖Δ_merged − Δ‖_F/‖Δ‖_F: the noise that the merge adds; `null` where Δ is 0.
   */
  merge_error?: number | null;
  /**
   * The rank r of the factors.
   */
  rank: number;
  /**
   * ⟨Δ_merged, Δ⟩/‖Δ‖²: 1 where rounding takes nothing away on the whole; `null` where Δ is 0.
   */
  realized?: number | null;
  /**
   * The scale s: α/r, or α/√r with rank-stabilised LoRA.
   */
  scale: number;
  /**
   * Share of the touched weights that changed in bf16 in the merged weight; `null` where Δ is 0.
   */
  survives?: number | null;
  /**
   * Number of weights whose Δ is not 0.
   */
  touched: number;
}
/**
 * How much of a tensor's update is the rounding between the dtypes of base and tuned. All
 * counts are exact.
 */
export interface Cast {
  /**
   * Number of weights whose tuned value is the base's, rounded to the tuned dtype.
   */
  rounded: number;
  /**
   * Number of weights whose base value is the tuned one, rounded to the base's dtype; 0 for a
   * quantised base.
   */
  rounded_back: number;
  /**
   * ‖round(W0) − W0‖_F, W0 rounded to the tuned dtype: the size of the update that a cast alone
   * makes.
   */
  rounding: number;
}
/**
 * The update weighted by the diagonal Fisher F of the base
 * (docs/metrics.md#gate-i-with-a-fisher).
 */
export interface Fisher {
  /**
   * The share of the mass that a random mask would hold: the density of the changed weights.
   */
  chance: number;
  /**
   * ½ Σ F·Δ², the quadratic approximation of the KL divergence in nats; finite weights only.
   */
  kl_quadratic: number;
  /**
   * Share of the run's summed quadratic KL; `null` where that sum is 0.
   */
  kl_share?: number | null;
  /**
   * Σ F over all weights.
   */
  mass: number;
  /**
   * Share of the mass on weights that changed in bf16; `null` where there is no mass.
   */
  mass_on_changed?: number | null;
  /**
   * √(Σ F·Δ²).
   */
  weighted_norm: number;
}
/**
 * Whether value and output projections of a layer were rotated or permuted together, head by
 * head: V_h → R_h·V_p(h) and O_h → O_p(h)·R_hᵀ with R_h orthogonal compute the same (the
 * intervention of PNT). Only the weights are looked at, not biases, queries or keys.
 */
export interface FunctionPreserving {
  /**
   * `update_after / update_before` that a random update gives: so many free rotations absorb a
   * part of it.
   */
  chance: number;
  /**
   * The change that was found. It differs from `none` where the best rotation and permutation
   * take away at least three quarters of the update.
   */
  kind: BasisChange;
  /**
   * Name of the output projection.
   */
  partner: string;
  /**
   * The base's head that each head of the tuned model is; `null` where no head was permuted.
   */
  permutation?: number[] | null;
  /**
   * The largest angle of the best rotations, in degrees.
   */
  rotation_max: number;
  /**
   * ‖Δ‖_F/‖W0‖_F after the base was permuted and rotated.
   */
  update_after: number;
  /**
   * ‖Δ‖_F/‖W0‖_F over both projections together.
   */
  update_before: number;
}
/**
 * Gate II: spectra and principal subspaces of rank k.
 */
export interface Geometry {
  /**
   * Where along W0's spectrum the update's energy lies; `null` for a zero update.
   */
  along_spectrum?: AlongSpectrum | null;
  /**
   * Principal angles between the left subspaces, in degrees, descending.
   */
  angles_left: number[];
  /**
   * Principal angles between the right subspaces, in degrees, descending.
   */
  angles_right: number[];
  /**
   * Perturbation bounds, each beside the figure that it bounds.
   */
  bounds: Bounds;
  /**
   * Chance levels: figures that a random update of the same norm gives.
   */
  chance: GeometryChance;
  /**
   * Columns that were multiplied by W0 and W1, over k; 0 if exact.
   */
  columns_per_k: number;
  /**
   * False if the iteration hit its cap before its own error estimate was met.
   */
  converged: boolean;
  /**
   * True if the whole spectrum was computed.
   */
  exact: boolean;
  /**
   * The relative gap (σ_k − σ_{k+1})/σ_k of the base.
   */
  gap: number;
  /**
   * The rank of the subspaces: that of the settings, or the numerical rank of the base where
   * that is smaller.
   */
  k: number;
  /**
   * The method of the decomposition.
   */
  method: DecompositionMethod;
  /**
   * The rank in [0.9k, 1.1k] with the widest gap; `null` where k is resolved or no rank is.
   */
  nearest_resolved_k?: number | null;
  /**
   * ‖σ(W1) − σ(W0)‖ / ‖σ(W0)‖ over the whole spectrum (PNT §4); `null` unless exact.
   */
  nss?: number | null;
  /**
   * A certified interval [low, high] for the NSS over the whole spectrum.
   *
   * @minItems 2
   * @maxItems 2
   */
  nss_interval: [number, number];
  /**
   * NSS over the leading k values.
   */
  nss_top_k: number;
  /**
   * Uncertainty of `nss_top_k`.
   */
  nss_top_k_uncertainty?: number | null;
  /**
   * 1 − ‖U_kU_kᵀ Δ‖²/‖Δ‖².
   */
  off_principal_left?: number | null;
  /**
   * 1 − ‖Δ V_kV_kᵀ‖²/‖Δ‖².
   */
  off_principal_right?: number | null;
  /**
   * 1 − ‖U_kU_kᵀ Δ V_kV_kᵀ‖²/‖Δ‖²; `null` for a zero update.
   */
  off_principal_share?: number | null;
  /**
   * The rank of the settings.
   */
  requested_k: number;
  /**
   * False if the gap at k is too small for the subspace to be defined.
   */
  resolved: boolean;
  /**
   * The largest angle of both sides, in degrees.
   */
  rotation_max: number;
  /**
   * The median of both sides' angles, in degrees.
   */
  rotation_median: number;
  /**
   * Uncertainty of the three off-principal shares.
   */
  shares_uncertainty?: number | null;
  /**
   * ‖sin Θ‖_F of both sides, beside chance.
   */
  sin_theta?: SinTheta | null;
  /**
   * κ = ρ_Σ²·max(m, n) (ISO), which is 1 by chance where W0 has full rank. `null` as
   * `spectral_share` is.
   */
  spectral_excess?: number | null;
  /**
   * A certified interval [low, high] for `spectral_excess`; `null` for a zero update.
   *
   * @minItems 2
   * @maxItems 2
   */
  spectral_excess_interval?: [number, number] | null;
  /**
   * ρ_Σ = ‖σ(W1) − σ(W0)‖/‖Δ‖_F over the whole spectrum (ISO): the share of the update that the
   * spectrum sees. `null` unless exact, and for a zero update.
   */
  spectral_share?: number | null;
  /**
   * A certified interval [low, high] for `spectral_share`; `null` for a zero update.
   *
   * @minItems 2
   * @maxItems 2
   */
  spectral_share_interval?: [number, number] | null;
  /**
   * σ(W0), descending: all values if exact, else the leading k.
   */
  spectrum_base: number[];
  /**
   * The largest estimated relative error of the leading k values.
   */
  spectrum_error: number;
  /**
   * σ(W1), descending, as many values.
   */
  spectrum_tuned: number[];
  /**
   * The rank-dependent figures at smaller ranks, ascending; the last entry is that of k itself.
   */
  sweep?: SweepPoint[];
  /**
   * Uncertainty of `rotation_max`, in degrees.
   */
  uncertainty: number;
  /**
   * Angle between u_i(W0) and u_i(W1) for i ≤ k, in degrees, whatever their signs.
   */
  vector_rotation_left: number[];
  /**
   * Angle between v_i(W0) and v_i(W1) for i ≤ k, in degrees.
   */
  vector_rotation_right: number[];
  /**
   * Uncertainty of both angles, in degrees: large where σ_i has a near neighbour.
   */
  vector_rotation_uncertainty?: number[];
}
/**
 * Shares of ‖Δ‖_F² per block of W0's singular directions; block b holds directions `edges[b −
 * 1]`..`edges[b]`. Chance is |b||c|/(mn) in the core, |b|/m on the left and |b|/n on the
 * right.
 */
export interface AlongSpectrum {
  /**
   * ‖U_bᵀΔV_c‖²/‖Δ‖², left blocks first.
   */
  core: number[][];
  /**
   * Upper ends of the blocks: 1, 2, 4, … and k.
   */
  edges: number[];
  /**
   * ‖U_bᵀΔ‖²/‖Δ‖².
   */
  left: number[];
  /**
   * ‖ΔV_b‖²/‖Δ‖².
   */
  right: number[];
}
/**
 * The sines of all principal angles of a side as one number, √Σ sin²θ_i, beside the one that
 * the random update of [`GeometryChance`] gives. To first order E‖sin Θ_left‖² = τ² Σ_{i≤k}
 * [Σ_{k<j} (σ_i² + σ_j²)/(σ_i² − σ_j²)² + (m − min(m, n))/σ_i²], and with n for m on the
 * right. Chance is an interval where only the leading spectrum is known, `null` where σ_k =
 * σ_{k+1}.
 */
export interface SinTheta {
  /**
   * Chance level of the left subspaces, [low, high].
   *
   * @minItems 2
   * @maxItems 2
   */
  chance_left?: [number, number] | null;
  /**
   * Chance level of the right subspaces, [low, high].
   *
   * @minItems 2
   * @maxItems 2
   */
  chance_right?: [number, number] | null;
  /**
   * √Σ sin²θ_i of the left subspaces.
   */
  left: number;
  /**
   * √Σ sin²θ_i of the right subspaces.
   */
  right: number;
}
/**
 * The rank-dependent figures of [`Geometry`] at one rank of the sweep.
 */
export interface SweepPoint {
  /**
   * Chance levels of these figures.
   */
  chance: RankChance;
  /**
   * The relative gap (σ_k − σ_{k+1})/σ_k of the base.
   */
  gap: number;
  /**
   * The rank.
   */
  k: number;
  /**
   * NSS over the leading k values.
   */
  nss_top_k: number;
  /**
   * Uncertainty of `nss_top_k`.
   */
  nss_top_k_uncertainty?: number | null;
  /**
   * 1 − ‖U_kU_kᵀ Δ‖²/‖Δ‖².
   */
  off_principal_left?: number | null;
  /**
   * 1 − ‖Δ V_kV_kᵀ‖²/‖Δ‖².
   */
  off_principal_right?: number | null;
  /**
   * 1 − ‖U_kU_kᵀ Δ V_kV_kᵀ‖²/‖Δ‖²; `null` for a zero update.
   */
  off_principal_share?: number | null;
  /**
   * False if the gap is too small for the subspace to be defined.
   */
  resolved: boolean;
  /**
   * The largest angle of both sides, in degrees.
   */
  rotation_max: number;
  /**
   * The median of both sides' angles, in degrees.
   */
  rotation_median: number;
  /**
   * Uncertainty of the three off-principal shares.
   */
  shares_uncertainty?: number | null;
  /**
   * Uncertainty of `rotation_max`, in degrees.
   */
  uncertainty: number;
}
/**
 * Blocks of a projection that belong to one attention head each, as the base's config.json
 * cuts them. Every list has one entry per head.
 */
export interface Heads {
  /**
   * The side of the stored matrix that the heads divide.
   */
  axis: Axis;
  /**
   * Number of heads.
   */
  count: number;
  /**
   * Share of weights that changed in bf16.
   */
  density: number[];
  /**
   * (σ_k − σ_{k+1})/σ_k of the base's block; 1 where k is its whole rank.
   */
  gap: number[];
  /**
   * Rank of the subspaces that are compared.
   */
  k: number;
  /**
   * Names of the heads where the tensor holds queries, keys and values: `q0`, `k0`, `v0` and so
   * on; else empty.
   */
  labels?: string[];
  /**
   * NSS over the whole spectrum of the head's block.
   */
  nss: number[];
  /**
   * NSS that a random update of the block with the same norm gives, to first order.
   */
  nss_chance?: number[];
  /**
   * The largest principal angle on the hidden side between the leading k directions of the
   * block, in degrees.
   */
  rotation: number[];
  /**
   * The mean of that angle over the random draws that `GeometryChance.draws` counts, in degrees;
   * `null` where σ_k = σ_{k+1}.
   */
  rotation_chance?: (number | null)[];
  /**
   * Number of rows or columns of one head.
   */
  size: number;
}
/**
 * The weights of a tensor that a sparse delta lists: by its layout, those whose stored bits
 * changed.
 */
export interface Listed {
  /**
   * Number of listed weights; a weight counts once, also where several files of the delta list
   * it.
   */
  changed: number;
  /**
   * Share of listed weights per column; `null` for vectors and without a shape.
   */
  column_density?: Profile | null;
  /**
   * `changed / parameters`; `null` if the layout does not tell the shape.
   */
  density?: number | null;
  /**
   * Where in the matrix the listed weights lie; `null` for vectors and without a shape.
   */
  map?: ConsensusMap | null;
  /**
   * Share of listed weights per row; `null` for vectors and without a shape.
   */
  row_density?: Profile | null;
}
/**
 * Downsampled maps of a matrix. Each map has its cells row-major, one byte per cell, in
 * standard base64. A density d is coded as 0 where it is 0, else as max(1, round(255·d)). A
 * mean |Δ| of v is coded as round(255 + 16·log2(v / `update_max`)), at least 1, and as 0 below
 * `update_max`·2^(−254.5/16).
 */
export interface Maps {
  /**
   * The first α of the settings, the share of weights in the principal mask.
   */
  alpha: number;
  /**
   * Density of the update mask.
   */
  changed: string;
  /**
   * Number of the matrix's columns in a cell; the last cell may hold fewer.
   */
  column_group: number;
  /**
   * Number of columns of cells.
   */
  columns: number;
  /**
   * Density of the principal mask at `alpha`, its threshold taken from a sample (docs/metrics.md
   * says how exact it is); `null` without a principal mask.
   */
  principal?: string | null;
  /**
   * Number of the matrix's rows in a cell; the last cell may hold fewer.
   */
  row_group: number;
  /**
   * Number of rows of cells.
   */
  rows: number;
  /**
   * Mean |Δ| of the finite weights.
   */
  update: string;
  /**
   * The largest mean |Δ| of a cell.
   */
  update_max: number;
}
/**
 * Overlaps of the update mask M with masks of principal and of low-magnitude weights at one α.
 */
export interface Masks {
  /**
   * Share of the weights in a mask.
   */
  alpha: number;
  /**
   * |M|: number of weights that changed in bf16.
   */
  changed: number;
  /**
   * Rank k of the reconstruction W0^(k) behind `principal`.
   */
  k: number;
  /**
   * M_low: the bottom α of |W0|.
   */
  low: MaskOverlap;
  /**
   * Weights with |W0| at or below this threshold are low.
   */
  low_threshold: number;
  /**
   * ¬M_princ.
   */
  not_principal: MaskOverlap;
  /**
   * M_princ: the top α of |W0^(k)|.
   */
  principal: MaskOverlap;
  /**
   * M_princ ∩ ¬M_low.
   */
  principal_not_low: MaskOverlap;
  /**
   * Weights with |W0^(k)| at or above this threshold are principal.
   */
  principal_threshold: number;
  /**
   * M_low ∪ ¬M_princ, PNT's safe mask.
   */
  safe: MaskOverlap;
  /**
   * The rank-dependent figures at the ranks of `AlongSpectrum.edges`, ascending; the last entry
   * is that of k itself.
   */
  sweep?: MaskSweepPoint[];
}
/**
 * The rank-dependent figures of [`Masks`] at one rank of the sweep.
 */
export interface MaskSweepPoint {
  /**
   * Rank k of the reconstruction W0^(k) behind `principal`.
   */
  k: number;
  /**
   * M_princ: the top α of |W0^(k)|.
   */
  principal: MaskOverlap;
  /**
   * M_princ ∩ ¬M_low.
   */
  principal_not_low: MaskOverlap;
  /**
   * Weights with |W0^(k)| at or above this threshold are principal.
   */
  principal_threshold: number;
  /**
   * M_low ∪ ¬M_princ.
   */
  safe: MaskOverlap;
}
/**
 * Gate III: how much of the update the stored precision shows. All counts are exact.
 */
export interface Precision {
  /**
   * Number of weights whose stored bits are equal.
   */
  bit_equal: number;
  /**
   * Share of changed weights per column; `null` for vectors.
   */
  column_density?: Profile | null;
  /**
   * Share of weights that differ as stored but are unchanged after the cast to bf16.
   */
  hidden_by_bf16: number;
  /**
   * Ten equal groups of the weights by |W0|, smallest first.
   */
  magnitude_deciles: Decile[];
  /**
   * Number of weights that are NaN or infinite on either side; they count as changed.
   */
  non_finite: number;
  /**
   * Share of changed weights per row; `null` for vectors.
   */
  row_density?: Profile | null;
  /**
   * Share of weights with |Δ| at most the absolute tolerance.
   */
  sparsity_abs: number;
  /**
   * `unchanged / parameters` (PNT Def. 2.2).
   */
  sparsity_bf16: number;
  /**
   * Histogram of the signed distances in bf16 codes, finite weights only.
   */
  ulp_histogram: UlpHistogram;
  /**
   * Number of weights that are unchanged under the bf16 gate (PNT Def. 2.1).
   */
  unchanged: number;
  /**
   * Number of weights that pass the same relative test without the cast to bf16.
   */
  unchanged_stored: number;
}
/**
 * One tenth of the weights by |W0|. Weights of one bf16 magnitude that straddle a boundary are
 * split evenly.
 */
export interface Decile {
  /**
   * Share of the group's weights that changed in bf16.
   */
  changed: number;
  /**
   * Half a bf16 ULP at `upper`: a smaller update is lost (PNT Cor. 3.6, heuristic); `null` where
   * `upper` is.
   */
  half_ulp?: number | null;
  /**
   * Mean |Δ| of the group; `null` where the sum overflows.
   */
  mean_abs_update?: number | null;
  /**
   * Largest |W0| of the group, at bf16 resolution; `null` where bf16 rounds it to infinity.
   */
  upper?: number | null;
}
/**
 * Codes and scales of base and tuned, both FP8 of one kind. All counts are exact.
 */
export interface Quantized {
  /**
   * Number of weights whose 8 bits agree.
   */
  codes_equal: number;
  /**
   * Number of scales (of the slice); 0 without a scale tensor. Where the sides have different
   * numbers of scales it is the larger one, and none counts as equal.
   */
  scales: number;
  /**
   * Number of scales that agree, bit by bit as f32.
   */
  scales_equal: number;
}
/**
 * Size and rank of Δ = W1 − W0 as a matrix.
 */
export interface Update {
  /**
   * Figures that independent entries give; `null` for vectors and zero updates.
   */
  chance?: UpdateChance | null;
  /**
   * exp(entropy of σ/Σσ); exact matrices only.
   */
  entropy_rank?: number | null;
  /**
   * ‖W0‖_F.
   */
  frobenius_base: number;
  /**
   * ‖Δ‖_F.
   */
  frobenius_update: number;
  /**
   * max |Δ|.
   */
  max_abs_update: number;
  /**
   * Numerical rank over min(m, n), with the tolerance max(m, n)·ε_f32·σ_1; exact matrices only.
   */
  rank_share?: number | null;
  /**
   * ‖Δ‖_F / ‖W0‖_F; `null` for a zero base.
   */
  relative_update?: number | null;
  /**
   * Share of ‖Δ‖_F² in its own leading k singular directions.
   */
  share_top_k?: number | null;
  /**
   * ‖Δ‖_2; `null` for vectors.
   */
  spectral_norm?: number | null;
  /**
   * Leading singular values of Δ, descending (all values if exact).
   */
  spectrum: number[];
  /**
   * The largest estimated relative error of the leading k values in `spectrum`; 0 if exact.
   */
  spectrum_error?: number | null;
  /**
   * ‖Δ‖_F² / ‖Δ‖_2²; `null` for vectors and zero updates.
   */
  stable_rank?: number | null;
}
/**
 * Figures of a random update with independent entries, in the limit of large sides.
 */
export interface UpdateChance {
  /**
   * Share of ‖Δ‖_F² in the leading k singular directions, by the Marchenko–Pastur law.
   */
  share_top_k: number;
  /**
   * Stable rank: mn/(√m + √n)², at least 1.
   */
  stable_rank: number;
}
/**
 * How far the details of each tensor are shortened in a report of many matrices.
 */
export interface Shortened {
  /**
   * Most values of a spectrum or of angles, whose leading ones stay, and most groups of a
   * profile.
   */
  curve_length: number;
  /**
   * Whether tensors have the histogram of distances, densities by row and column, rotations of
   * single vectors, and chance levels of single angles.
   */
  lists?: boolean;
  /**
   * Most cells along a side of a map; 0 for no maps.
   */
  map_side: number;
  /**
   * Number of matrices, those of all runs together, by which the rest goes.
   */
  matrices: number;
  /**
   * Whether matrices have their geometry and masks. Rollups always have theirs.
   */
  subspaces?: boolean;
  /**
   * Whether tensors have what they have against k, magnitude deciles, blocks along the spectrum
   * and heads. Rollups always have theirs.
   */
  sweeps: boolean;
}
/**
 * The backend that computed the long products.
 */
export interface BackendInfo {
  /**
   * The name of the GPU adapter; `null` on the CPU.
   */
  adapter?: string | null;
  /**
   * Why this backend computed, as a sentence or a part of one. Reports of version 1 call it
   * `reason`.
   */
  detail: string;
  /**
   * The backend that computed.
   */
  kind: BackendKind;
  /**
   * Number of workers (threads) that computed.
   */
  workers: number;
}
/**
 * A bound and the figure that it bounds.
 */
export interface Bound {
  /**
   * The bound; `null` where it is void.
   */
  bound?: number | null;
  /**
   * The figure as observed.
   */
  observed: number;
}
/**
 * Perturbation bounds, each beside the figure that it bounds.
 */
export interface Bounds {
  /**
   * Ky Fan: |Σ_{i≤k}σ_i(W1) − Σ_{i≤k}σ_i(W0)| ≤ k‖Δ‖_2.
   */
  ky_fan: Bound;
  /**
   * Mirsky: NSS ≤ ‖Δ‖_F/‖W0‖_F.
   */
  nss: Bound;
  /**
   * Wedin as PNT states it: sin θ_max ≤ ‖Δ‖_2/γ_k, with γ_k = σ_k − σ_{k+1} of the base.
   */
  wedin_as_stated: Bound;
  /**
   * Wedin: sin θ_max ≤ ‖Δ‖_2/(γ_k − ‖Δ‖_2); void (`bound` is `null`) where the denominator is
   * not positive.
   */
  wedin_strict: Bound;
  /**
   * Weyl: max|σ_i(W1) − σ_i(W0)| ≤ ‖Δ‖_2.
   */
  weyl: Bound;
}
/**
 * Figures that an update with independent Gaussian entries of the same norm gives. τ² =
 * ‖Δ‖_F²/(mn) is the variance of an entry.
 */
export interface GeometryChance {
  /**
   * Mean over the draws of each principal angle of the left subspaces, in degrees, descending.
   */
  angles_left?: number[] | null;
  /**
   * Mean over the draws of each principal angle of the right subspaces, in degrees, descending.
   */
  angles_right?: number[] | null;
  /**
   * Off-principal share of both sides: 1 − k²/(mn).
   */
  both: number;
  /**
   * Number of seeded draws behind the single angles, which have no closed form. They are taken
   * to first order (docs/metrics.md). Where only the leading spectrum is known, values beyond it
   * stand at their root mean square, which turns least. `null` where σ_k = σ_{k+1}.
   */
  draws?: number | null;
  /**
   * Off-principal share on the left: 1 − k/m.
   */
  left: number;
  /**
   * NSS over the whole spectrum, to first order with δσ_i = u_iᵀΔv_i: ρ/√max(m, n) where W0 has
   * full rank, ρ being the relative update.
   */
  nss?: number | null;
  /**
   * NSS over the leading k values, to first order: τ√k/‖σ_1…σ_k(W0)‖.
   */
  nss_top_k?: number | null;
  /**
   * Off-principal share on the right: 1 − k/n.
   */
  right: number;
  /**
   * Mean over the draws of the largest angle of both sides, in degrees; `null` where σ_k =
   * σ_{k+1}.
   */
  rotation_max?: number | null;
  /**
   * Standard deviation of the largest angle over the draws, in degrees.
   */
  rotation_max_deviation?: number | null;
  /**
   * Mean over the draws of the median of both sides' angles, in degrees.
   */
  rotation_median?: number | null;
  /**
   * `spectral_excess`, to first order: 1 where W0 has full rank.
   */
  spectral_excess?: number | null;
  /**
   * `spectral_share`, to first order: √((r + (m − r)(n − r))/(mn)), r being the rank of W0. This
   * is 1/√max(m, n) where W0 has full rank; an unknown rank is taken to be full.
   */
  spectral_share?: number | null;
  /**
   * Root mean square rotation of each u_i in closed form, in degrees: sin² = τ²[Σ_{j≠i} (σ_i² +
   * σ_j²)/(σ_i² − σ_j²)² + (m − min(m, n))/σ_i²]; `null` where that is 1 or more, so that first
   * order says nothing.
   */
  vectors_left?: (number | null)[];
  /**
   * Root mean square rotation of each v_i, with n for m, in degrees.
   */
  vectors_right?: (number | null)[];
}
/**
 * Chance levels at one rank, of the random update of [`GeometryChance`].
 */
export interface RankChance {
  /**
   * Off-principal share of both sides: 1 − k²/(mn).
   */
  both: number;
  /**
   * Off-principal share on the left: 1 − k/m.
   */
  left: number;
  /**
   * NSS over the leading k values, to first order: τ√k/‖σ_1…σ_k(W0)‖.
   */
  nss_top_k?: number | null;
  /**
   * Off-principal share on the right: 1 − k/n.
   */
  right: number;
  /**
   * Mean over the draws of the largest angle of both sides, in degrees; `null` where σ_k =
   * σ_{k+1}.
   */
  rotation_max?: number | null;
  /**
   * Standard deviation of the largest angle over the draws, in degrees.
   */
  rotation_max_deviation?: number | null;
  /**
   * Mean over the draws of the median of both sides' angles, in degrees.
   */
  rotation_median?: number | null;
}
/**
 * The settings of an analysis. The defaults are those of the page and of the command line.
 */
export interface Settings {
  /**
   * Absolute tolerance of `sparsity_abs` (MUK: 1e-5).
   */
  abs_tolerance?: number;
  /**
   * Mask fractions α, each between 0 and 1.
   */
  alphas?: number[];
  /**
   * The backend that the user asks for.
   */
  backend?: BackendChoice;
  /**
   * The kind of comparison, as far as the user says it; `null` where nobody said. Reports of
   * version 1 call it `span`.
   */
  comparison?: Comparison | null;
  /**
   * Relative tolerance η of the bf16 gate, from 0 and below 1.
   */
  eta?: number;
  /**
   * Matrices with `min(m, n)` up to this are decomposed exactly.
   */
  exact_limit?: number;
  /**
   * Whether changes of value and output projections are looked for that leave the function as it
   * was.
   */
  function_preserving?: boolean;
  /**
   * Rank of the principal subspaces.
   */
  k?: number;
  /**
   * Layers to analyse, as `0-3,7`; `null` for all. Tensors outside layers are left out when it
   * is set.
   */
  layers?: string | null;
  /**
   * The largest number of cells along a side of a map; 0 for no maps.
   */
  map_side?: number;
  /**
   * Prefixes to replace in the names of the tuned checkpoints, each as what stands there and
   * what the base has in its place; either may be empty.
   */
  rename?: [string, string][];
  /**
   * Seed of the shared random block, and with each tensor's name of the draws of chance.
   */
  seed?: number;
}
/**
 * Wall-clock times in seconds.
 */
export interface Timings {
  /**
   * Time by stage, summed over tensors and workers.
   */
  stages: {
    [k: string]: number;
  };
  /**
   * Time from the start to the finished report.
   */
  total: number;
}
/**
 * Bins of signed distances in bf16 codes (tuned − base), ascending; all three lists have the
 * same length.
 */
export interface UlpHistogram {
  /**
   * Number of weights in the bin.
   */
  counts: number[];
  /**
   * Smallest distance in the bin; `null` stands for minus infinity.
   */
  from: (number | null)[];
  /**
   * Largest distance in the bin; `null` stands for infinity.
   */
  to: (number | null)[];
}
