// What a report has to look like, for the page: the schema that the analyser writes without its
// descriptions.
import { fromRoot } from './root.mjs';

export const shapeFile = fromRoot('www', 'report', 'shape.js');

const HEAD = `\
// The shape of a report: docs/report.schema.json without its descriptions. \`npm run types\` writes
// this file; a test holds it to the schema.

/** @type {any} The part of JSON Schema that check-shape.js knows. */
export const SHAPE = JSON.parse(
  // A line for each definition; text is read faster than code.
  `;

/** What the page holds a report to. */
const KEPT = new Set([
  ...['$ref', '$defs', 'type', 'properties', 'required', 'items', 'additionalProperties'],
  ...['anyOf', 'enum', 'const', 'minimum', 'minItems', 'maxItems'],
]);

/** Members whose keys are names and not words of the schema. */
const NAMED = new Set(['$defs', 'properties']);

/**
 * @param {any} schema
 * @returns {any}
 */
function strip(schema) {
  if (Array.isArray(schema)) return schema.map(strip);
  if (typeof schema !== 'object' || schema === null) return schema;
  /** @type {(entries: [string, any][]) => any} */
  const stripAll = (entries) =>
    Object.fromEntries(entries.map(([key, part]) => [key, strip(part)]));
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => KEPT.has(key))
      .map(([key, part]) => [key, NAMED.has(key) ? stripAll(Object.entries(part)) : strip(part)]),
  );
}

/**
 * The text of the module.
 *
 * @param {any} schema
 */
export function reportShape(schema) {
  const { $defs, ...report } = strip(schema);
  // The version is looked at before, and that of an older report is another one.
  delete report.properties.version;
  return `${HEAD}${quote(JSON.stringify({ ...report, $defs }))},\n);\n`;
}

/** Characters of a line of the module; no word is broken. */
const LINE = 92;

/**
 * The text as string literals that the formatter leaves alone.
 *
 * @param {string} text
 */
const quote = (text) =>
  (text.match(new RegExp(`.{1,${LINE - 1}}(?:[,:]|$)`, 'g')) ?? [])
    .map((part) => `'${part.replace(/[\\']/g, '\\$&')}'`)
    .join(' +\n    ');
