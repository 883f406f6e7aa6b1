// npm run package: the npm package in package/, and beside its files the tarball of `npm pack`.
import path from 'node:path';
import { main } from './lib/problem.mjs';
import { root } from './lib/root.mjs';
import { say } from './lib/run.mjs';
import { buildPackage, packPackage } from './package/build.mjs';

await main(async () => {
  await buildPackage();
  say(`${path.relative(root, await packPackage())} is up to date`);
});
