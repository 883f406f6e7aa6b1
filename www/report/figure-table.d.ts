// docs/figures.json, row by row: crate/src/figures/registry/document.rs writes it.

/** What a random update gives in place of a figure. */
export interface FigureChance {
  name: string;
  path: string | null;
  /** The level, where it is the same for every tensor. */
  constant: number | null;
  /** The report does not have it: www/report/derived.js computes it. */
  derived: boolean;
  /** `path` leads to a list [low, high]. */
  ends: boolean;
  /** The path of its standard deviation. */
  deviation: string | null;
  of_all_matrices: boolean;
  formula: string;
}

export interface Figure {
  id: string;
  path: string | null;
  path_without_base: string | null;
  /** The report does not have it: www/report/derived.js computes it. */
  derived: boolean;
  family: string;
  group: string;
  label: string;
  unit: 'share' | 'degrees' | 'count' | 'ratio' | 'norm' | 'times' | 'difference' | 'plain';
  scale: 'linear' | 'log' | 'lack_of_one';
  rollup: string;
  /** A sweep over ranks has it. */
  sweep: boolean;
  csv: string | null;
  /** It means something only where the subspace at k is resolved. */
  resolved_only: boolean;
  /** Where the page offers it. */
  page: 'nowhere' | 'metric' | 'column' | 'column_without_base';
  /** A sparse delta without its base has it. */
  bare: boolean;
  chance: FigureChance | null;
  uncertainty: string | null;
  /** The path of two numbers that enclose the truth. */
  interval: string | null;
  about: string;
  formula: string;
  source: { paper: string; place: string } | null;
  read_against: string | null;
  reported: { text: string; paper: string; place: string } | null;
}

export interface FigureTable {
  format: string;
  groups: { id: string; label: string }[];
  sources: Record<string, { authors: string; title: string | null; arxiv: string }>;
  figures: Figure[];
}
