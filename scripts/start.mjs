// npm start: sets up what is missing, builds what has changed, serves the page on localhost.
import { buildPage, servePage } from './lib/page.mjs';
import { portOption } from './lib/port.mjs';
import { main } from './lib/problem.mjs';

await main(async () => {
  const port = portOption(4173);
  await buildPage();
  const { url } = await servePage({ port });
  console.log(`\nGatescope is at ${url}  (Ctrl+C stops it)`);
});
