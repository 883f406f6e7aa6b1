// Where the package's worker and wasm lie: beside this module. Bundlers that know
// `new URL(…, import.meta.url)` take both along. In the package this stands in the place of
// engine/places.js.

/** @import { Places } from '../engine/places.js' */

/** @type {Places} */
export const PLACES = {
  workerUrl: new URL('./worker.js', import.meta.url).href,
  wasmUrl: new URL('./gatescope_bg.wasm', import.meta.url).href,
};
