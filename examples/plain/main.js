import { showComparison } from './shared/show-comparison.js';

const { address } = document.querySelector('[data-address]').dataset;
const { analyze } = await import(`${address}/analyze.js`);
await showComparison(analyze);
