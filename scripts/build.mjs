// npm run build: the wasm and the page in dist/, ready for any static host.
import { buildPage } from './lib/page.mjs';
import { main } from './lib/problem.mjs';
import { say } from './lib/run.mjs';

await main(async () => {
  await buildPage();
  say('dist/ is up to date');
});
