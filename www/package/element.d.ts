// The custom element as its users see it; docs/embedding.md says what each attribute does.
import type { View } from '../panels/view.js';
import type { Report } from '../report/report.js';

/** What is read from the attributes of the same names. */
interface GateScopeAttributes {
  src: string | null;
  figure: string | null;
  metric: string | null;
  run: string | null;
  tensor: string | null;
  alpha: string | null;
  filter: string | null;
  arrangement: string | null;
  theme: string | null;
  loading: string | null;
  poster: string | null;
}

export declare class GateScope extends HTMLElement {
  /** The report, where it is given and not fetched. */
  get report(): object | null;
  set report(report: Report | object | null);
  /** What is shown now; null before. */
  get view(): Omit<View, 'width'> | null;
}

export interface GateScope extends GateScopeAttributes {}

declare global {
  interface HTMLElementTagNameMap {
    'gate-scope': GateScope;
  }
}
