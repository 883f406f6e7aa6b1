// Markdown in the form that the check asks for, so that what is written by program passes it, too.
import { fromRoot } from '../lib/root.mjs';

/** @param {string} text */
export async function formatMarkdown(text) {
  // Imported late: on a fresh checkout it is not there before ensureNpmPackages.
  const { format, resolveConfig } = await import('prettier');
  const settings = await resolveConfig(fromRoot('README.md'));
  return format(text, { ...settings, parser: 'markdown' });
}
