// Where the page finds its worker and the analyser's wasm. The package has a module of its own in
// this one's place, since these imports are Vite's.
import wasmUrl from '../wasm/gatescope_bg.wasm?url';
import readerUrl from './report-worker.js?worker&url';
import workerUrl from './worker.js?worker&url';

/** @typedef {{ workerUrl: string, wasmUrl: string }} Places Addresses. */

/** @type {Places} */
export const PLACES = { workerUrl, wasmUrl };

/** The worker that reads reports, which needs no wasm. */
export const READER_URL = readerUrl;
