// webdriver.json for the Chromium at hand: the committed file names none, as its place differs
// between machines.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fromRoot } from '../lib/root.mjs';

/**
 * Returns the path of the file that it writes.
 *
 * @param {string} chromium path of the browser
 */
export function writeWebdriverSettings(chromium) {
  const settings = JSON.parse(readFileSync(fromRoot('webdriver.json'), 'utf8'));
  settings['goog:chromeOptions'].binary = chromium;
  const file = fromRoot('.cache', 'webdriver.json');
  mkdirSync(fromRoot('.cache'), { recursive: true });
  writeFileSync(file, JSON.stringify(settings));
  return file;
}
