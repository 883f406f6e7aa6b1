// npm run check:package: what publint and are-the-types-wrong find in the npm package.
import { main, Problem } from './lib/problem.mjs';
import { buildPackage, packPackage } from './package/build.mjs';
import { checkTarball } from './package/check.mjs';

await main(async () => {
  await buildPackage();
  const findings = await checkTarball(await packPackage());
  if (findings) throw new Problem(`the package is not right:\n${findings}`);
  console.log('the package is right');
});
