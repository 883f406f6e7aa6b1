// npm run dev: the page from its sources, reloaded on every change of www/. Changes of crate/ need
// a restart.
import { portOption } from './lib/port.mjs';
import { main } from './lib/problem.mjs';
import { waitForAll } from './lib/promises.mjs';
import { root } from './lib/root.mjs';
import { buildWasm } from './lib/wasm.mjs';
import { ensureNpmPackages } from './setup/npm.mjs';

await main(async () => {
  const port = portOption(5173);
  await waitForAll(buildWasm(), ensureNpmPackages());
  const { createServer } = await import('vite');
  const server = await createServer({ root, server: { port } });
  await server.listen();
  server.printUrls();
});
