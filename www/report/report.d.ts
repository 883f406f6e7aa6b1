// The report as docs/report.schema.json describes it. `npm run types` writes this file; a test
// holds it to the schema. What the page adds to a report stands in model.d.ts.

/**
 * One analysis: a base checkpoint against one or more tuned ones, or sparse deltas alone.
 */
export interface Report {
  /**
   * What computed it.
   */
  backend: BackendInfo;
  /**
   * The base checkpoint; `null` where sparse deltas were read without theirs.
   */
  base?: CheckpointSummary | null;
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
  format: string;
  /**
   * The version of Gatescope that wrote it.
   */
  generator: string;
  /**
   * Of two runs and more: one entry for each tensor that several have, then one for the model.
   */
  overlaps?: Overlap[];
  /**
   * Set where not every tensor was analysed; `null` for a whole report.
   */
  partial?: Partial | null;
  /**
   * One entry for each tuned checkpoint, in the order given.
   */
  runs: Run[];
  /**
   * What the user set.
   */
  settings: Settings;
  /**
   * Wall-clock seconds.
   */
  timings: Timings;
  /**
   * [`VERSION`].
   */
  version: number;
}
/**
 * What a checkpoint holds, read from its headers alone.
 */
export interface CheckpointSummary {
  /**
   * Their bytes.
   */
  bytes: number;
  /**
   * Tensors per dtype, by safetensors' own names.
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
   * Their elements.
   */
  parameters: number;
  /**
   * Tensors of a supported dtype.
   */
  tensors: number;
}
/**
 * One file of a checkpoint.
 */
export interface FileSummary {
  /**
   * Its length.
   */
  bytes: number;
  /**
   * Its name, with folders where the browser told them.
   */
  name: string;
}
/**
 * Update masks and updates of several runs against each other, for one tensor or the model.
 * Tables are R × R in the order of `runs`; M_r is the set of weights that run r changed in
 * bf16, without a base that it lists.
 */
export interface Overlap {
  /**
   * |M_a ∩ M_b|.
   */
  both: number[][];
  /**
   * |M_r|.
   */
  changed: number[];
  /**
   * The same per column.
   */
  column_consensus?: Profile | null;
  /**
   * Where in the matrix all runs changed it; `null` for vectors and the model.
   */
  consensus_map?: ConsensusMap | null;
  /**
   * ⟨Δa, Δb⟩ / (‖Δa‖‖Δb‖); `null` where a norm is 0 and without a base.
   */
  cosine: (number | null)[][];
  /**
   * ⟨Δa, Δb⟩ of the stored values, over the weights that are finite on every side; `null`
   * without a base.
   */
  dot: (number | null)[][];
  /**
   * Weights changed in exactly 0, 1, …, R runs; the first is `null` where a shape is not known.
   */
  exactly: (number | null)[];
  /**
   * Their shares, were the masks independent (Poisson-binomial); empty where a shape is not
   * known.
   */
  exactly_chance: number[];
  /**
   * |M_a ∩ M_b| / |M_a ∪ M_b|; `null` where both are empty.
   */
  jaccard: (number | null)[][];
  /**
   * Independent masks of the same densities: pq/(p + q − pq); for the model from expected counts
   * summed over tensors.
   */
  jaccard_chance: (number | null)[][];
  /**
   * Mean over pairs of different runs.
   */
  mean_jaccard?: number | null;
  /**
   * Mean over pairs of different runs.
   */
  mean_jaccard_chance?: number | null;
  /**
   * The tensor; `null` for the model, which sums over the tensors that all runs have.
   */
  name?: string | null;
  /**
   * |M_a ∩ M_b| / |M_a|, a being the row (MUK); chance is the density of M_b.
   */
  one_sided: (number | null)[][];
  /**
   * Weights; 0 where a shape is not known, which no chance level is then.
   */
  parameters: number;
  /**
   * Share of weights changed in all runs, per row; `null` for vectors and the model.
   */
  row_consensus?: Profile | null;
  /**
   * Places in `runs` of the report of the runs that have it, two or more.
   */
  runs: number[];
  /**
   * Where the runs are steps of one run: the changes of each from the one before it, the base
   * going before the first.
   */
  steps?: Step[] | null;
}
/**
 * A density along rows or columns, averaged into at most 256 neighbouring groups.
 */
export interface Profile {
  /**
   * Variance over the binomial variance of independent changes: 1 by chance, far more with
   * stripes.
   */
  dispersion?: number | null;
  /**
   * Rows or columns behind it.
   */
  length: number;
  /**
   * Largest single row or column.
   */
  max: number;
  /**
   * Median row or column.
   */
  median: number;
  /**
   * Smallest single row or column.
   */
  min: number;
  /**
   * Group means.
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
   * The matrix's columns in a cell.
   */
  column_group: number;
  /**
   * Of cells.
   */
  columns: number;
  /**
   * The matrix's rows in a cell.
   */
  row_group: number;
  /**
   * Of cells.
   */
  rows: number;
}
/**
 * What one step changed in bf16.
 */
export interface Step {
  /**
   * Weights.
   */
  changed: number;
  /**
   * Per column.
   */
  column_density?: Profile | null;
  /**
   * `changed / parameters`: one less the sparsity of a step, which is another quantity than that
   * of a whole run.
   */
  density: number;
  /**
   * Per row; `null` for vectors and the model.
   */
  row_density?: Profile | null;
}
/**
 * What a report lacks that was ended before its time.
 */
export interface Partial {
  /**
   * Tensors of the base that were analysed in every run that has them; without a base, those
   * that the deltas list.
   */
  finished: number;
  /**
   * A fixed word: `cancelled`.
   */
  reason: string;
  /**
   * Tensors of the base that have a partner; without a base, those that the deltas list.
   */
  total: number;
}
/**
 * One tuned checkpoint against the base.
 */
export interface Run {
  /**
   * The tuned checkpoint.
   */
  checkpoint: CheckpointSummary;
  /**
   * Set where the tuned checkpoint was given as a sparse delta.
   */
  delta?: DeltaSummary | null;
  /**
   * One entry a layer, ascending; `key` is the layer's number.
   */
  layers: Rollup[];
  /**
   * What could not be compared, and why.
   */
  left_out: LeftOut[];
  /**
   * Everything together; `key` is `model`.
   */
  model: Rollup;
  /**
   * One entry a module kind; `key` is its name.
   */
  modules: Rollup[];
  /**
   * What lies between base and tuned: what a delta's files tell (`per_step`: two versions that
   * follow each other; `whole_run`: from version 0 on), else what the user set; `null` where
   * nobody said.
   */
  span?: string | null;
  /**
   * In the base's order.
   */
  tensors: TensorReport[];
}
/**
 * A sparse delta, by its own files.
 */
export interface DeltaSummary {
  /**
   * The version that it was made from; `null` where the files do not tell.
   */
  base_step?: number | null;
  /**
   * Weights listed in it; of several files, those of each. `null` where bytes are listed and not
   * weights.
   */
  changed?: number | null;
  /**
   * The layout: `trl`, `prime-rl-sparse-hf-v1`, `prime-rl-sparse-update` or `slime-disk-delta`.
   */
  layout: string;
  /**
   * The version that it leads to.
   */
  target_step?: number | null;
}
/**
 * One group of tensors.
 */
export interface Rollup {
  /**
   * Summed counts.
   */
  bit_equal: number;
  /**
   * Parameter-weighted.
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
   * Its share of the run's sum; `null` where that is 0.
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
   * Matrices among them that have a geometry.
   */
  matrices: number;
  /**
   * Largest |Δ|.
   */
  max_abs_update: number;
  /**
   * Summed counts.
   */
  non_finite: number;
  /**
   * Elements.
   */
  parameters: number;
  /**
   * √Σ‖Δ‖² / √Σ‖W0‖².
   */
  relative_update?: number | null;
  /**
   * Parameter-weighted.
   */
  sparsity_abs?: number | null;
  /**
   * Parameter-weighted.
   */
  sparsity_bf16?: number | null;
  /**
   * Means over matrices: `nss`, `nss_top_k`, `rotation_max` (resolved only), `rotation_median`,
   * `off_principal_share`, `off_principal_left`, `off_principal_right`, `stable_rank`,
   * `share_top_k`; and of the chance level of each over the same matrices, with `_chance` behind
   * its name (`off_principal_chance` is that of the first share).
   */
  spectral: {
    [k: string]: Mean;
  };
  /**
   * The same along the rank, ascending.
   */
  sweep?: RollupSweep[];
  /**
   * Tensors in it that were analysed.
   */
  tensors: number;
  /**
   * Summed counts.
   */
  unchanged: number;
}
/**
 * Listed weights of a group of tensors.
 */
export interface ListedRollup {
  /**
   * Weights that are listed.
   */
  changed: number;
  /**
   * `changed / parameters`.
   */
  density?: number | null;
  /**
   * All weights; `null` where the shape of one of its tensors is not known.
   */
  parameters?: number | null;
  /**
   * Tensors in it that were read.
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
   * Weights in M.
   */
  changed: number;
  /**
   * M_low.
   */
  low: MaskOverlap;
  /**
   * M_princ.
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
   * Matrices behind it.
   */
  count: number;
  /**
   * Largest.
   */
  max: number;
  /**
   * Mean.
   */
  mean: number;
  /**
   * Median.
   */
  median: number;
  /**
   * Smallest.
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
   * Matrices that have it in their sweep: a rank below the one set is the last of smaller or
   * rank-deficient matrices alone.
   */
  matrices: number;
  /**
   * M_princ at this rank for each α, from summed counts.
   */
  principal: MaskOverlap[];
  /**
   * Means over them, under the names of the group's own `spectral`: `nss_top_k`, `rotation_max`
   * (resolved only), `rotation_median`, the three shares, and their chance levels.
   */
  spectral: {
    [k: string]: Mean;
  };
}
/**
 * |M• ∩ M|/|M| beside its chance level.
 */
export interface MaskOverlap {
  /**
   * Weights in both.
   */
  both: number;
  /**
   * Density of M•.
   */
  chance: number;
  /**
   * `overlap / chance`.
   */
  enrichment?: number | null;
  /**
   * `both / |M|`; `null` where M is empty.
   */
  overlap?: number | null;
  /**
   * Weights in M•.
   */
  size: number;
}
/**
 * A tensor or file that was left out.
 */
export interface LeftOut {
  /**
   * A sentence for a person.
   */
  detail: string;
  /**
   * The tensor's or the file's name.
   */
  name: string;
  /**
   * A fixed word: `only_in_base`, `only_in_tuned`, `shape_differs`, `unsupported_dtype`,
   * `bad_scale`, `bad_delta`, `missing_shard`, `bad_file`, `duplicate`, `layer_not_selected`,
   * `empty`, `failed`; of an adapter `not_adapted`, `bad_adapter`.
   */
  reason: string;
}
/**
 * One tensor of the base against its partner in one tuned checkpoint, or what a sparse delta
 * lists of it.
 */
export interface TensorReport {
  /**
   * Of a weight with a LoRA adapter.
   */
  adapter?: Adapter | null;
  /**
   * The dtype in which both sides are compared: `BF16`, `F16`, `F32`, `F64`.
   */
  dtype: string;
  /**
   * The base's dtype as stored, by safetensors' name; empty without a base and in reports from
   * before this field.
   */
  dtype_base?: string;
  /**
   * The tuned tensor's.
   */
  dtype_tuned?: string;
  /**
   * Why it failed, in one sentence.
   */
  error?: string | null;
  /**
   * Gate I with a diagonal Fisher; `null` without a usable one.
   */
  fisher?: Fisher | null;
  /**
   * Why the Fisher given can't be used for this tensor.
   */
  fisher_note?: string | null;
  /**
   * Of a value projection with a large update, where its layer's output projection and
   * config.json are there.
   */
  function_preserving?: FunctionPreserving | null;
  /**
   * Gate II; `null` for vectors and where `geometry_note` says why.
   */
  geometry?: Geometry | null;
  /**
   * Why there is no geometry.
   */
  geometry_note?: string | null;
  /**
   * Per attention head; `null` for what has none.
   */
  heads?: Heads | null;
  /**
   * The layer's number, from the name.
   */
  layer?: number | null;
  /**
   * Without a base, the weights that the sparse delta lists; else `null`.
   */
  listed?: Listed | null;
  /**
   * Where in the matrix it changed; `null` for vectors.
   */
  maps?: Maps | null;
  /**
   * One entry for each α, in the order set.
   */
  masks: Masks[];
  /**
   * The module kind: `q k v o qkv gate up down gate_up embed norm head expert router bias
   * other`.
   */
  module: string;
  /**
   * Its full name; `[e]` is appended for slice e of a 3-D tensor.
   */
  name: string;
  /**
   * Elements; 0 where the shape is not known.
   */
  parameters: number;
  /**
   * Gate III.
   */
  precision?: Precision | null;
  /**
   * Codes and scales, where both sides are FP8 of one kind; else `null`.
   */
  quantized?: Quantized | null;
  /**
   * Wall-clock seconds spent on it.
   */
  seconds: number;
  /**
   * As stored, row-major; empty where a sparse delta without its base does not tell it.
   */
  shape: number[];
  /**
   * `done`, or `failed` with the reason in `error`.
   */
  status: string;
  /**
   * True where the architecture stores inputs × outputs (GPT-2's Conv1D): rows are then inputs.
   */
  transposed: boolean;
  /**
   * The size of the update.
   */
  update?: Update | null;
}
/**
 * Δ = s·B·A of a PEFT adapter. `precision`, `maps` and the update mask are of the weight
 * merged in the base's dtype as PEFT merges it; `update` and `geometry` are of Δ before the
 * merge.
 */
export interface Adapter {
  /**
   * k over the length of A's side: a random A.
   */
  a_chance?: number | null;
  /**
   * Share of ‖A‖² in the principal subspace of its side; `null` without a geometry or where A is
   * 0. PiSSA starts at 1, MiLoRA at 0.
   */
  a_principal?: number | null;
  /**
   * k over the length of B's side: a random B.
   */
  b_chance?: number | null;
  /**
   * Share of ‖B‖² in the principal subspace of its side.
   */
  b_principal?: number | null;
  /**
   * ‖Δ_merged − Δ‖_F/‖Δ‖_F: what the merge adds as noise; `null` where Δ is 0.
   */
  merge_error?: number | null;
  /**
   * r.
   */
  rank: number;
  /**
   * ⟨Δ_merged, Δ⟩/‖Δ‖²: 1 where rounding takes nothing away on the whole; `null` where Δ is 0.
   */
  realized?: number | null;
  /**
   * s: α/r, or α/√r with rank-stabilised LoRA.
   */
  scale: number;
  /**
   * The share of those that the merged weight shows as changed in bf16; `null` where Δ is 0.
   */
  survives?: number | null;
  /**
   * Weights whose Δ is not 0.
   */
  touched: number;
}
/**
 * The update weighted by the diagonal Fisher F of the base (METRICS "Gate I").
 */
export interface Fisher {
  /**
   * The density of the changed weights, which a random mask would give.
   */
  chance: number;
  /**
   * ½ Σ F·Δ², the quadratic approximation of the KL divergence in nats; finite weights only.
   */
  kl_quadratic: number;
  /**
   * Its share of the run's sum; `null` where that is 0.
   */
  kl_share?: number | null;
  /**
   * Σ F over all weights.
   */
  mass: number;
  /**
   * The share of it on weights that changed in bf16; `null` where there is no mass.
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
   * `update_after / update_before` of a random update: what that many free rotations absorb of
   * it.
   */
  chance: number;
  /**
   * `none`, `rotated`, `permuted` or `permuted_and_rotated`: other than `none` where at least
   * three quarters of the update go away with the best rotation and permutation.
   */
  kind: string;
  /**
   * The output projection.
   */
  partner: string;
  /**
   * Which head of the base each head of the tuned model is; `null` where none was permuted.
   */
  permutation?: number[] | null;
  /**
   * Largest angle of the best rotations, degrees.
   */
  rotation_max: number;
  /**
   * The same after the base was permuted and rotated.
   */
  update_after: number;
  /**
   * ‖Δ‖_F/‖W0‖_F of both projections together.
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
   * Principal angles between the left subspaces, degrees, descending.
   */
  angles_left: number[];
  /**
   * Principal angles between the right subspaces, degrees, descending.
   */
  angles_right: number[];
  /**
   * Each bound beside what it bounds.
   */
  bounds: Bounds;
  /**
   * What a random update of the same norm gives.
   */
  chance: GeometryChance;
  /**
   * Columns multiplied by W0 and W1, over k; 0 where exact.
   */
  columns_per_k: number;
  /**
   * False where the iteration hit its cap before its own error estimate was met.
   */
  converged: boolean;
  /**
   * True where the whole spectrum was computed.
   */
  exact: boolean;
  /**
   * (σ_k − σ_{k+1}) / σ_k of the base.
   */
  gap: number;
  /**
   * The rank used: the one set, or the numerical rank of the base where that is smaller.
   */
  k: number;
  /**
   * `gram_eigen` or `block_lanczos`.
   */
  method: string;
  /**
   * The k in [0.9k, 1.1k] with the widest gap, where `resolved` is false.
   */
  nearest_resolved_k?: number | null;
  /**
   * ‖σ(W1) − σ(W0)‖ / ‖σ(W0)‖ over the whole spectrum (PNT §4); `null` unless exact.
   */
  nss?: number | null;
  /**
   * A certified interval for the NSS of the whole spectrum.
   *
   * @minItems 2
   * @maxItems 2
   */
  nss_interval: [number, number];
  /**
   * The same over the leading k.
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
   * The rank that was set.
   */
  requested_k: number;
  /**
   * False where the gap at k is too small for the subspace to be defined.
   */
  resolved: boolean;
  /**
   * The largest angle of both sides.
   */
  rotation_max: number;
  /**
   * The median of both sides' angles.
   */
  rotation_median: number;
  /**
   * Uncertainty of the three off-principal shares.
   */
  shares_uncertainty?: number | null;
  /**
   * ‖sin Θ‖_F of both sides beside chance.
   */
  sin_theta?: SinTheta | null;
  /**
   * σ(W0): all where exact, else the leading k.
   */
  spectrum_base: number[];
  /**
   * Largest estimated relative error of the leading k values.
   */
  spectrum_error: number;
  /**
   * σ(W1), as many.
   */
  spectrum_tuned: number[];
  /**
   * The rank-dependent figures at smaller ranks, ascending; the last entry is that of k itself.
   */
  sweep?: SweepPoint[];
  /**
   * Uncertainty of `rotation_max`, degrees.
   */
  uncertainty: number;
  /**
   * Angle between u_i(W0) and u_i(W1), i ascending, degrees, sign-free.
   */
  vector_rotation_left: number[];
  /**
   * Angle between v_i(W0) and v_i(W1).
   */
  vector_rotation_right: number[];
  /**
   * Uncertainty of both, degrees: large where σ_i has a near neighbour.
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
 * The sines of all principal angles of a side as one number, √Σ sin²θ_i, beside what
 * [`GeometryChance`]'s update gives. To first order E‖sin Θ_left‖² = τ² Σ_{i≤k} [Σ_{k<j} (σ_i²
 * + σ_j²)/(σ_i² − σ_j²)² + (m − min(m, n))/σ_i²], and with n for m on the right. Chance is an
 * interval where only the leading spectrum is known, `null` where σ_k = σ_{k+1}.
 */
export interface SinTheta {
  /**
   * By chance, left.
   *
   * @minItems 2
   * @maxItems 2
   */
  chance_left?: [number, number] | null;
  /**
   * By chance, right.
   *
   * @minItems 2
   * @maxItems 2
   */
  chance_right?: [number, number] | null;
  /**
   * Observed, left subspaces.
   */
  left: number;
  /**
   * Observed, right subspaces.
   */
  right: number;
}
/**
 * [`Geometry`]'s figures at a smaller rank.
 */
export interface SweepPoint {
  /**
   * Of these figures.
   */
  chance: RankChance;
  /**
   * (σ_k − σ_{k+1})/σ_k of the base.
   */
  gap: number;
  /**
   * The rank.
   */
  k: number;
  /**
   * Over the leading k.
   */
  nss_top_k: number;
  /**
   * Uncertainty of `nss_top_k`.
   */
  nss_top_k_uncertainty?: number | null;
  /**
   * The same.
   */
  off_principal_left?: number | null;
  /**
   * The same.
   */
  off_principal_right?: number | null;
  /**
   * As in the geometry; `null` for a zero update.
   */
  off_principal_share?: number | null;
  /**
   * False where the gap is too small for the subspace to be defined.
   */
  resolved: boolean;
  /**
   * Degrees.
   */
  rotation_max: number;
  /**
   * Degrees.
   */
  rotation_median: number;
  /**
   * Uncertainty of the three shares.
   */
  shares_uncertainty?: number | null;
  /**
   * Of `rotation_max`, degrees.
   */
  uncertainty: number;
}
/**
 * The blocks of a projection that belong to one attention head each, by the base's
 * config.json.
 */
export interface Heads {
  /**
   * Where the heads lie on the stored matrix: `rows` or `columns`.
   */
  axis: string;
  /**
   * Heads.
   */
  count: number;
  /**
   * Share of changed weights per head.
   */
  density: number[];
  /**
   * (σ_k − σ_{k+1})/σ_k of each block of the base; 1 where k is all of it.
   */
  gap: number[];
  /**
   * Rank of the subspaces compared.
   */
  k: number;
  /**
   * What each head is where the tensor holds queries, keys and values: `q0`, `k0`, `v0` and so
   * on; else empty.
   */
  labels?: string[];
  /**
   * NSS over the whole spectrum of each head's block.
   */
  nss: number[];
  /**
   * What a random update of the block with the same norm gives, to first order.
   */
  nss_chance?: number[];
  /**
   * Largest principal angle on the hidden side between the leading k directions of each block,
   * degrees.
   */
  rotation: number[];
  /**
   * Mean over the draws of [`GeometryChance::draws`](super::GeometryChance::draws), degrees;
   * `null` where σ_k = σ_{k+1}.
   */
  rotation_chance?: (number | null)[];
  /**
   * Rows or columns of one.
   */
  size: number;
}
/**
 * The weights of a tensor that a sparse delta lists: by its layout those whose stored bits
 * changed.
 */
export interface Listed {
  /**
   * Each once, also where several files of the delta list it.
   */
  changed: number;
  /**
   * The same per column.
   */
  column_density?: Profile | null;
  /**
   * `changed / parameters`; `null` where the layout does not tell the shape.
   */
  density?: number | null;
  /**
   * Where in the matrix they lie; `null` for vectors and without a shape.
   */
  map?: ConsensusMap | null;
  /**
   * Share of listed weights per row; `null` for vectors and without a shape.
   */
  row_density?: Profile | null;
}
/**
 * Downsampled maps of a matrix, cells row-major, one byte each, in standard base64. A density
 * d is coded as 0 where it is 0, else as max(1, round(255·d)). A mean |Δ| of v is coded as
 * round(255 + 16·log2(v / `update_max`)), at least 1, and as 0 below
 * `update_max`·2^(−254.5/16).
 */
export interface Maps {
  /**
   * The first α.
   */
  alpha: number;
  /**
   * Density of the update mask.
   */
  changed: string;
  /**
   * The matrix's columns in a cell.
   */
  column_group: number;
  /**
   * Of cells.
   */
  columns: number;
  /**
   * Density of the principal mask at `alpha`, its threshold taken from a sample (docs/metrics.md
   * says how good); `null` where there is none.
   */
  principal?: string | null;
  /**
   * The matrix's rows in a cell; the last cell may hold fewer.
   */
  row_group: number;
  /**
   * Of cells.
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
   * Mask fraction.
   */
  alpha: number;
  /**
   * Weights in M.
   */
  changed: number;
  /**
   * Rank of the reconstruction behind `principal`.
   */
  k: number;
  /**
   * M_low: the bottom α of |W0|.
   */
  low: MaskOverlap;
  /**
   * |W0| at and below this is low.
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
   * |W0^(k)| at and above this is principal.
   */
  principal_threshold: number;
  /**
   * M_low ∪ ¬M_princ, PNT's safe mask.
   */
  safe: MaskOverlap;
  /**
   * What depends on the rank at the ranks of
   * [`AlongSpectrum::edges`](super::AlongSpectrum::edges), ascending; the last is that of k
   * itself.
   */
  sweep?: MaskSweepPoint[];
}
/**
 * [`Masks`] at a smaller rank.
 */
export interface MaskSweepPoint {
  /**
   * Rank of the reconstruction behind `principal`.
   */
  k: number;
  /**
   * M_princ.
   */
  principal: MaskOverlap;
  /**
   * M_princ ∩ ¬M_low.
   */
  principal_not_low: MaskOverlap;
  /**
   * |W0^(k)| at and above this is principal.
   */
  principal_threshold: number;
  /**
   * M_low ∪ ¬M_princ.
   */
  safe: MaskOverlap;
}
/**
 * Gate III: what the stored precision shows of the update. All counts are exact.
 */
export interface Precision {
  /**
   * Weights whose stored bits are equal.
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
   * Weights that are NaN or infinite on either side; they count as changed.
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
   * Signed distance in bf16 codes, finite weights only.
   */
  ulp_histogram: UlpHistogram;
  /**
   * Weights unchanged under the bf16 gate (PNT Def. 2.1).
   */
  unchanged: number;
  /**
   * Weights that pass the same relative test without the cast to bf16.
   */
  unchanged_stored: number;
}
/**
 * One tenth of the weights by magnitude. Weights of one bf16 magnitude that straddle a
 * boundary are split evenly.
 */
export interface Decile {
  /**
   * Share of its weights that changed in bf16.
   */
  changed: number;
  /**
   * Half a bf16 ULP at `upper`: below it an update is lost (PNT Cor. 3.6, heuristic).
   */
  half_ulp: number;
  /**
   * Mean |Δ|.
   */
  mean_abs_update: number;
  /**
   * Largest |W0| in it (at bf16 resolution).
   */
  upper: number;
}
/**
 * Codes and scales of base and tuned, both FP8 of one kind. All counts are exact.
 */
export interface Quantized {
  /**
   * Weights whose 8 bits agree.
   */
  codes_equal: number;
  /**
   * Numbers in the scale tensors (of the slice); 0 where there is none. Where the sides have
   * different numbers of them, the larger, and none counts as equal.
   */
  scales: number;
  /**
   * How many of them agree, bit by bit as f32.
   */
  scales_equal: number;
}
/**
 * Δ = W1 − W0 as a matrix.
 */
export interface Update {
  /**
   * What independent entries would give; `null` for vectors and zero updates.
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
   * Numerical rank over min(m, n), tolerance max(m, n)·ε_f32·σ_1; exact matrices only.
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
   * Leading singular values of Δ (all where exact).
   */
  spectrum: number[];
  /**
   * Largest relative error estimate of the leading k values in `spectrum`; 0 where exact.
   */
  spectrum_error?: number | null;
  /**
   * ‖Δ‖_F² / ‖Δ‖_2²; `null` for vectors and zero updates.
   */
  stable_rank?: number | null;
}
/**
 * Figures of a random matrix with independent entries, in the limit of large sides.
 */
export interface UpdateChance {
  /**
   * By the Marchenko–Pastur law.
   */
  share_top_k: number;
  /**
   * mn/(√m + √n)², at least 1.
   */
  stable_rank: number;
}
/**
 * Where the long products ran.
 */
export interface BackendInfo {
  /**
   * The adapter's own name, where there is one.
   */
  adapter?: string | null;
  /**
   * `cpu` or `gpu`.
   */
  kind: string;
  /**
   * Why this backend was taken.
   */
  reason: string;
  /**
   * How many workers (threads) computed.
   */
  workers: number;
}
/**
 * A bound and what it bounds.
 */
export interface Bound {
  /**
   * Its bound; `null` where void.
   */
  bound?: number | null;
  /**
   * The figure.
   */
  observed: number;
}
/**
 * Perturbation bounds, each with what was observed.
 */
export interface Bounds {
  /**
   * |Σ_{i≤k}σ_i(W1) − Σ_{i≤k}σ_i(W0)| ≤ k‖Δ‖_2.
   */
  ky_fan: Bound;
  /**
   * NSS ≤ ‖Δ‖_F/‖W0‖_F (Mirsky).
   */
  nss: Bound;
  /**
   * sin θ_max ≤ ‖Δ‖_2/γ_k, as stated in PNT.
   */
  wedin_as_stated: Bound;
  /**
   * sin θ_max ≤ ‖Δ‖_2/(γ_k − ‖Δ‖_2); void (`bound` null) where the denominator is not positive.
   */
  wedin_strict: Bound;
  /**
   * max|σ_i(W1) − σ_i(W0)| ≤ ‖Δ‖_2.
   */
  weyl: Bound;
}
/**
 * What an update with independent Gaussian entries of the same norm gives, τ² = ‖Δ‖_F²/(mn).
 */
export interface GeometryChance {
  /**
   * Mean over the draws of each principal angle of the left subspaces, degrees, descending.
   */
  angles_left?: number[] | null;
  /**
   * The same of the right subspaces.
   */
  angles_right?: number[] | null;
  /**
   * 1 − k²/(mn).
   */
  both: number;
  /**
   * Seeded draws behind the single angles, which have no closed form. They are taken to first
   * order (docs/metrics.md), and where only the leading spectrum is known, values beyond it
   * stand at their root mean square, which turns least. `null` where σ_k = σ_{k+1}.
   */
  draws?: number | null;
  /**
   * 1 − k/m.
   */
  left: number;
  /**
   * To first order, with δσ_i = u_iᵀΔv_i: ρ/√max(m, n) where W0 has full rank, ρ being the
   * relative update.
   */
  nss?: number | null;
  /**
   * To first order: τ√k/‖σ_1…σ_k(W0)‖.
   */
  nss_top_k?: number | null;
  /**
   * 1 − k/n.
   */
  right: number;
  /**
   * Mean over the draws of the largest angle of both sides; `null` where σ_k = σ_{k+1}.
   */
  rotation_max?: number | null;
  /**
   * Its standard deviation over the draws.
   */
  rotation_max_deviation?: number | null;
  /**
   * Mean over the draws of the median of both sides' angles.
   */
  rotation_median?: number | null;
  /**
   * Root mean square rotation of each u_i in closed form, degrees: sin² = τ²[Σ_{j≠i} (σ_i² +
   * σ_j²)/(σ_i² − σ_j²)² + (m − min(m, n))/σ_i²]; `null` where that is 1 or more, so that first
   * order says nothing.
   */
  vectors_left?: (number | null)[];
  /**
   * The same of v_i, with n for m.
   */
  vectors_right?: (number | null)[];
}
/**
 * [`GeometryChance`]'s update at one rank.
 */
export interface RankChance {
  /**
   * 1 − k²/(mn).
   */
  both: number;
  /**
   * 1 − k/m.
   */
  left: number;
  /**
   * To first order: τ√k/‖σ_1…σ_k(W0)‖.
   */
  nss_top_k?: number | null;
  /**
   * 1 − k/n.
   */
  right: number;
  /**
   * Mean over the draws of the largest angle of both sides; `null` where σ_k = σ_{k+1}.
   */
  rotation_max?: number | null;
  /**
   * Its standard deviation over the draws.
   */
  rotation_max_deviation?: number | null;
  /**
   * Mean over the draws of the median of both sides' angles.
   */
  rotation_median?: number | null;
}
/**
 * What the user can set; [`Settings::default`] is what the page starts with.
 */
export interface Settings {
  /**
   * Absolute tolerance of `sparsity_abs` (MUK: 1e-5).
   */
  abs_tolerance?: number;
  /**
   * Mask fractions α in (0, 1).
   */
  alphas?: number[];
  /**
   * `auto`, `cpu` or `gpu`.
   */
  backend?: string;
  /**
   * Relative tolerance η of the bf16 gate.
   */
  eta?: number;
  /**
   * Matrices with `min(m, n)` up to this are decomposed exactly.
   */
  exact_limit?: number;
  /**
   * Look for changes of value and output projections that leave the function as it was.
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
   * Cells a side of the maps at most, up to 256; 0 for no maps.
   */
  map_side?: number;
  /**
   * Seed of the shared random block, and with each tensor's name of the draws of chance.
   */
  seed?: number;
  /**
   * What a tuned checkpoint is, as far as the user tells: `whole_run`, `per_step` (a save or two
   * of one run before it), or `steps` (all of them are saves of one run, in order); `null` where
   * nobody said.
   */
  span?: string | null;
}
/**
 * Where the wall-clock time went, in seconds.
 */
export interface Timings {
  /**
   * Summed over tensors and workers, by stage.
   */
  stages: {
    [k: string]: number;
  };
  /**
   * From start to the finished report.
   */
  total: number;
}
/**
 * Bins of signed distances in bf16 codes (tuned − base), ascending; all three lists have the
 * same length.
 */
export interface UlpHistogram {
  /**
   * Weights in the bin.
   */
  counts: number[];
  /**
   * Smallest distance in the bin; `null` is minus infinity.
   */
  from: (number | null)[];
  /**
   * Largest distance in the bin; `null` is infinity.
   */
  to: (number | null)[];
}
