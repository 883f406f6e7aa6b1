import { fileURLToPath } from 'node:url';

export default {
  mode: 'production',
  entry: './main.js',
  output: { path: fileURLToPath(new URL('./dist', import.meta.url)), clean: true },
  // The wasm is larger than what webpack takes for a web page's budget.
  performance: { hints: false },
};
