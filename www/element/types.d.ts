// The element as other people's code sees it.
import type { Report } from '../report/report.d.ts';
import type { View } from '../panels/view.js';

/** Names of figures; `summary` where none is given. */
export type Figure =
  'summary' | 'heatmap' | 'dots' | 'energy' | 'spectrum' | 'angles' | 'map' | 'table';

/** What a reader chose: everything that is shown, and which of it changed. */
export interface Change {
  changed: string[];
  run: string;
  alpha: number | null;
  metric: string;
  tensor: string | null;
  filter: string;
  arrangement: 'one' | 'multiples' | 'difference';
}

export interface GateScopeEventMap {
  load: CustomEvent<{ report: Report }>;
  progress: CustomEvent<{ loaded: number; total: number | null }>;
  error: CustomEvent<{ message: string }>;
  change: CustomEvent<Change>;
}

export interface GateScopeElement extends HTMLElement {
  /** Address of a report.json, also gzipped. */
  src: string | null;
  /** A report itself, in place of an address. */
  report: Report | null;
  figure: Figure | (string & {}) | null;
  metric: string | null;
  /** Name of a run, or its number from 1. */
  run: string | null;
  tensor: string | null;
  alpha: string | number | null;
  filter: string | null;
  arrangement: Change['arrangement'] | null;
  theme: 'auto' | 'light' | 'dark' | null;
  loading: 'lazy' | 'eager' | null;
  poster: string | null;
  /** What is shown now; null before. */
  readonly view: Omit<View, 'width'> | null;

  addEventListener<Type extends keyof GateScopeEventMap>(
    type: Type,
    listener: (this: GateScopeElement, event: GateScopeEventMap[Type]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'gate-scope': GateScopeElement;
  }
}
