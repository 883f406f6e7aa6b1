// The document around the script and the styles of an exported result.
import { createHash } from 'node:crypto';
import { REPORT_PLACE, TITLE_PLACE } from '../../www/exports/html.js';
import { escapeScript } from '../../www/exports/snippets.js';

/**
 * The template of HTML files. Nothing but its own script runs in it, and it reaches nothing outside
 * itself.
 *
 * @param {{ script: string, styles: string }} parts
 */
export function composeTemplate({ script, styles }) {
  const code = escapeScript(script.trim());
  const sheet = styles.trim();
  if (/<\/style/i.test(sheet)) throw new Error('A style sheet ends its own element.');
  const hash = createHash('sha256').update(code).digest('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
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
<script>${code}</script>
</body>
</html>
`;
}
