// The report as the page holds it: as the schema has it, with what the page links to it on opening.
// Reports from before a field do not have it, so that what the schema calls optional may be
// missing.
import type * as Schema from './report.d.ts';

export type {
  Adapter,
  AlongSpectrum,
  BackendChoice,
  BackendInfo,
  BasisChange,
  Bounds,
  CheckpointSummary,
  Comparison,
  ConsensusMap,
  Decile,
  DeltaSummary,
  Dtype,
  FunctionPreserving,
  Geometry,
  GeometryChance,
  Heads,
  LeftOut,
  LeftOutReason,
  ListedRollup,
  Maps,
  MaskOverlap,
  MaskSweepPoint,
  Masks,
  Mean,
  Module,
  Overlap,
  Profile,
  RankChance,
  Rollup,
  RollupMask,
  SinTheta,
  Step,
  SweepPoint,
  UlpHistogram,
} from './report.d.ts';

/** Settings are written in full. */
export type Settings = Required<Schema.Settings>;

/** The Fisher's figures, with the tensor's share of the weights of all tensors that have them. */
export interface Fisher extends Schema.Fisher {
  weights_share?: number;
}

/** Listed weights, with the share that chance gives: that of the run. */
export interface Listed extends Schema.Listed {
  chance?: number | null;
}

/** A tensor, with its entry in `overlaps`. */
export interface Tensor extends Omit<Schema.TensorReport, 'fisher' | 'listed'> {
  fisher?: Fisher | null;
  listed?: Listed | null;
  overlap?: Schema.Overlap | null;
}

export interface Run extends Omit<Schema.Run, 'tensors'> {
  tensors: Tensor[];
}

export interface Report extends Omit<Schema.Report, 'runs' | 'settings'> {
  runs: Run[];
  settings: Settings;
}
