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
  CastSummary,
  CheckpointSummary,
  Comparison,
  Coverage,
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
  Renaming,
  Profile,
  RankChance,
  Rollup,
  RollupMask,
  Shortened,
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

/** A profile without its curve. */
export type ProfileSummary = Omit<Schema.Profile, 'values'>;

/** What an entry of `overlaps` says without its curves and its map. */
export interface OverlapSummary extends Omit<
  Schema.Overlap,
  'consensus_map' | 'row_consensus' | 'column_consensus' | 'steps'
> {
  row_consensus?: ProfileSummary | null;
  column_consensus?: ProfileSummary | null;
  steps?: Pick<Schema.Step, 'changed' | 'density'>[] | null;
}

type ChanceCurves = 'angles_left' | 'angles_right' | 'vectors_left' | 'vectors_right';

type GeometryDetails =
  | 'spectrum_base'
  | 'spectrum_tuned'
  | 'angles_left'
  | 'angles_right'
  | 'vector_rotation_left'
  | 'vector_rotation_right'
  | 'vector_rotation_uncertainty'
  | 'along_spectrum'
  | 'sweep'
  | 'bounds';

export interface GeometrySummary extends Omit<Schema.Geometry, GeometryDetails | 'chance'> {
  chance: Omit<Schema.GeometryChance, ChanceCurves>;
}

export interface PrecisionSummary extends Omit<
  Schema.Precision,
  'ulp_histogram' | 'magnitude_deciles' | 'row_density' | 'column_density'
> {
  row_density?: ProfileSummary | null;
  column_density?: ProfileSummary | null;
}

export interface ListedSummary extends Omit<Listed, 'map' | 'row_density' | 'column_density'> {
  row_density?: ProfileSummary | null;
  column_density?: ProfileSummary | null;
}

/**
 * What tables, heatmaps and means need of a tensor: its values without maps and curves, with its
 * entry in `overlaps`. www/report/lighten.js has the list of what a light tensor lacks;
 * `loadTensor` of www/report/details.js gives a `Detailed` one.
 */
export interface Tensor extends Omit<
  Schema.TensorReport,
  'fisher' | 'listed' | 'precision' | 'update' | 'geometry' | 'masks' | 'maps' | 'heads'
> {
  precision?: PrecisionSummary | null;
  update?: Omit<Schema.Update, 'spectrum'> | null;
  geometry?: GeometrySummary | null;
  masks: Omit<Schema.Masks, 'sweep'>[];
  fisher?: Fisher | null;
  listed?: ListedSummary | null;
  overlap?: OverlapSummary | null;
}

/** A tensor with its maps and curves, as the file has it. */
export interface Detailed extends Omit<Schema.TensorReport, 'fisher' | 'listed'> {
  fisher?: Fisher | null;
  listed?: Listed | null;
  overlap?: Schema.Overlap | null;
}

export interface Run extends Omit<Schema.Run, 'tensors'> {
  tensors: Tensor[];
}

/** A report whose tensors are light. */
export interface Report extends Omit<Schema.Report, 'runs' | 'settings' | 'overlaps'> {
  runs: Run[];
  settings: Settings;
  overlaps?: OverlapSummary[];
}

/** A report as one text holds it. */
export interface WholeReport extends Omit<Report, 'runs' | 'overlaps'> {
  runs: (Omit<Run, 'tensors'> & { tensors: Detailed[] })[];
  overlaps?: Schema.Overlap[];
}
