/** A figure over the matrices of a run. */
export interface Spread {
  count: number;
  mean: number;
  min: number;
  median: number;
  max: number;
}

/** A mask at one α over all matrices, from summed counts. */
export interface Mask {
  /** Share of the changed weights that are in the mask; null where none changed. */
  overlap: number | null;
  chance: number;
  density: number;
}

export interface OffPrincipal {
  share: Spread;
  chance: Spread;
  below: number;
}

/** What the findings need of a run. */
export interface Run {
  name: string;
  kind: string;
  method: string;
  learning_rate: number;
  steps: number;
  /** Training stopped when a smaller share was unchanged in bf16; null where it did not so stop. */
  stopped_below_unchanged: number | null;
  matrices: number;
  exact: boolean;
  sparsity_bf16: number;
  sparsity_abs: number;
  over_half_ulp: number;
  relative_update: Spread;
  nss: Spread;
  nss_chance: Spread;
  nss_over_chance: Spread;
  rotation_max: Spread;
  rotation_median: Spread;
  sines_over_chance: { left: Spread; right: Spread };
  gap: Spread;
  off_principal: { both: OffPrincipal; left: OffPrincipal; right: OffPrincipal };
  stable_rank: Spread;
  stable_rank_chance: Spread;
  rank_share: Spread;
  masks: { alpha: number; low: Mask; principal: Mask }[];
}

/** A Jaccard index and its chance level. */
export type Jaccard = [observed: number, chance: number];

export interface Pair {
  runs: string[];
  kinds: string[];
  jaccard: number;
  chance: number;
  cosine: number;
  modules: Record<string, Jaccard>;
}

export interface Excerpt {
  settings: { k: number; alphas: number[]; eta: number; abs_tolerance: number };
  parameters: number;
  runs: Run[];
  pairs: Pair[];
}

/** The runs by the kind of their training. */
export type Kinds = [rlvr: Run[], sft: Run[]];

/** A figure of a run. */
export type Value = (run: Run) => number;

/** Gives a figure the digits that it deserves. */
export type Format = (value: number) => string;

/** What was reported elsewhere, beside the samples' figures. */
export interface Statement {
  topic: string;
  /** Whether it stands in the summary as well. */
  main?: boolean;
  text: string;
  source: string;
  here: string;
  holds: boolean;
}
