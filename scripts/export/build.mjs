// What others take from the built page: the element, the page for frames, and the template of HTML
// files, all in dist/.
import { mkdir, writeFile } from 'node:fs/promises';
import { fromRoot, root } from '../lib/root.mjs';
import { composeTemplate } from './compose.mjs';

const common = { root, logLevel: /** @type {const} */ ('warn') };

async function buildElement() {
  const { build } = await import('vite');
  const configFile = fromRoot('vite.element.config.js');
  await build({ ...common, configFile });
  for (const mode of ['single', 'light']) await build({ ...common, configFile, mode });
}

async function buildTemplate() {
  const { build } = await import('vite');
  const built = await build({ ...common, configFile: fromRoot('vite.standalone.config.js') });
  const [bundle] = Array.isArray(built) ? built : [built];
  if (!('output' in bundle)) throw new Error('the template was watched and not built.');
  const scripts = bundle.output.flatMap((part) => (part.type === 'chunk' ? [part.code] : []));
  const styles = bundle.output.flatMap((part) =>
    part.type === 'asset' && part.fileName.endsWith('.css') ? [String(part.source)] : [],
  );
  if (scripts.length !== 1) throw new Error(`the template has ${scripts.length} scripts, not one.`);
  const template = composeTemplate({ script: scripts[0], styles: styles.join('\n') });
  await mkdir(fromRoot('dist'), { recursive: true });
  await writeFile(fromRoot('dist', 'standalone.html'), template);
}

/** Into dist/, which the page is built in before. */
export async function buildExports() {
  // One after another: each takes all the memory and cores that it finds.
  await buildElement();
  await buildTemplate();
}
