// The document around the script and the styles of an exported result.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { REPORT_PLACE, TITLE_PLACE } from '../../www/exports/html.js';

/** @param {string} script */
const hashOf = (script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

/**
 * Unpacks the script, which is two thirds smaller packed. It runs since the policy has its hash, as
 * it has the hash of this one.
 */
const LOADER = `(async () => {
  const packed = atob(document.getElementById('script').textContent);
  const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const script = document.createElement('script');
  script.textContent = await new Response(stream).text();
  document.body.append(script);
})().catch(() => {
  document.getElementById('app').textContent =
    'This browser cannot unpack the script of this file: open it in a newer one.';
});`;

/**
 * The template of HTML files. Nothing but its own script runs in it, and it reaches nothing outside
 * itself.
 *
 * @param {{ script: string, styles: string }} parts
 */
export function composeTemplate({ script, styles }) {
  const sheet = styles.trim();
  if (/<\/style/i.test(sheet)) throw new Error('A style sheet ends its own element.');
  // Without the time of packing, the same sources give the same file.
  const packed = gzipSync(script, { level: 9 }).toString('base64');
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(LOADER)} ${hashOf(script)}`,
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${TITLE_PLACE}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<style>${sheet}</style>
</head>
<body>
<main id="app"><noscript>The values of this file are shown by its script.</noscript></main>
<script type="application/json" id="report">${REPORT_PLACE}</script>
<script type="application/gzip" id="script">${packed}</script>
<script>${LOADER}</script>
</body>
</html>
`;
}
