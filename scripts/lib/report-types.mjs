// The report's types for the page, made from the schema that the analyser writes.
import { readFile } from 'node:fs/promises';
import { compile } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';
import { fromRoot } from './root.mjs';

export const typesFile = fromRoot('www', 'report', 'report.d.ts');
const schemaFile = fromRoot('docs', 'report.schema.json');

const HEAD = `\
// The report as docs/report.schema.json describes it. \`npm run types\` writes this file; a test
// holds it to the schema. What the page adds to a report stands in model.d.ts.
`;

/** Comments begin at column 3 or 5 with \`* \`. */
const COMMENT_COLUMNS = 92;

/** Each entry of a list begins a line. @param {string} text */
const wrapText = (text) =>
  text
    .split(/\n\n(?=- )/)
    .map(wrapParagraph)
    .join('\n');

/** @param {string} text */
function wrapParagraph(text) {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines[lines.length - 1];
    if (line && line.length + 1 + word.length > COMMENT_COLUMNS) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.join('\n');
}

/**
 * The schema in the form that gives one type for each definition: a reference with a description
 * beside it would become a copy of the type under a name with a number.
 *
 * @param {any} value
 * @returns {any}
 */
function withNamedTypes(value) {
  if (Array.isArray(value)) return value.map(withNamedTypes);
  if (typeof value !== 'object' || value === null) return value;
  const { $ref: reference, description, ...rest } = value;
  const said = typeof description === 'string' && { description: wrapText(description) };
  if (reference && said) return { ...said, tsType: reference.split('/').at(-1) };
  // A list that must not be empty would become a tuple with a rest, which no `map` gives.
  if (rest.maxItems === undefined) delete rest.minItems;
  const changed = Object.fromEntries(
    Object.entries(rest).map(([key, part]) => [key, withNamedTypes(part)]),
  );
  return {
    ...(reference && { $ref: reference }),
    ...changed,
    ...(said || (description && { description: withNamedTypes(description) })),
  };
}

/**
 * The text of the types of a schema.
 *
 * @param {object} schema
 */
export async function reportTypes(schema) {
  const types = await compile(withNamedTypes(schema), 'Report', {
    additionalProperties: false,
    bannerComment: HEAD,
    format: false,
    unreachableDefinitions: true,
  });
  // The converter notes at each type that nothing refers to by a reference why it is there.
  const text = types.replace(
    /\n \*\s*(?:\n \*\s*)*This (?:interface|type) was referenced by[\s\S]*?(?=\n \*\/)/g,
    '',
  );
  return format(text, { ...(await resolveConfig(typesFile)), filepath: typesFile });
}

export const readSchema = async () => JSON.parse(await readFile(schemaFile, 'utf8'));
