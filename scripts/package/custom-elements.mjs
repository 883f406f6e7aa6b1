// The manifest of the custom element (https://github.com/webcomponents/custom-elements-manifest),
// from which editors know its attributes.

/** @type {Record<string, string>} What each attribute does, which is a property, too. */
export const ATTRIBUTES = {
  src: 'The address of a report.json.',
  figure:
    'What is shown: summary, dots, energy, heatmap, table, or spectrum, angles, map of a tensor.',
  metric: 'The id of a metric, for the heatmap.',
  run: 'The name of the run in focus, or its place from 1.',
  tensor: 'The name of a tensor.',
  alpha: 'One of the α of the report.',
  filter: 'Which tensors the figure is about.',
  arrangement: 'Of the heatmap: one, multiples or difference.',
  theme: 'auto, light or dark; by default that of the host.',
  loading: 'lazy: nothing is loaded before the figure comes near.',
  poster: 'The address of a picture that stands there until the figure does.',
};

const EVENTS = {
  load: 'The figure is there; `detail.report` is the report.',
  progress: 'More of the report has come; `detail` says how much.',
  error: 'It cannot be shown; `detail.message` says why.',
  change: 'The reader chose something; `detail` says what is shown now.',
};

const PARTS = {
  figure: 'The whole figure.',
  panel: 'What is drawn.',
  source: 'The line below.',
  still: 'What stands there until the figure does.',
  poster: 'The picture of `poster`.',
  status: 'The line while it loads.',
  alert: 'The line where it fails.',
};

/**
 * @param {Record<string, string>} described
 */
const list = (described) =>
  Object.entries(described).map(([name, description]) => ({ name, description }));

export const customElements = () => ({
  schemaVersion: '1.0.0',
  modules: [
    {
      kind: 'javascript-module',
      path: 'gate-scope.js',
      declarations: [
        {
          kind: 'class',
          name: 'GateScope',
          tagName: 'gate-scope',
          customElement: true,
          description: 'One figure of a Gatescope report.',
          superclass: { name: 'HTMLElement' },
          attributes: list(ATTRIBUTES).map((one) => ({
            ...one,
            fieldName: one.name,
            type: { text: 'string | null' },
          })),
          members: [
            ...list(ATTRIBUTES).map((one) => ({
              kind: 'field',
              ...one,
              attribute: one.name,
              reflects: true,
              type: { text: 'string | null' },
            })),
            {
              kind: 'field',
              name: 'report',
              description: 'The report, where it is given and not fetched.',
              type: { text: 'object | null' },
            },
            {
              kind: 'field',
              name: 'view',
              description: 'What is shown now.',
              readonly: true,
              type: { text: 'object | null' },
            },
          ],
          events: list(EVENTS).map((one) => ({ ...one, type: { text: 'CustomEvent' } })),
          slots: [{ name: '', description: 'A static picture, for print and without scripts.' }],
          cssParts: list(PARTS),
          cssProperties: [
            { name: '--gate-scope-aspect-ratio', description: 'The room of the figure.' },
          ],
        },
      ],
      exports: [
        {
          kind: 'js',
          name: 'GateScope',
          declaration: { name: 'GateScope', module: 'gate-scope.js' },
        },
        {
          kind: 'custom-element-definition',
          name: 'gate-scope',
          declaration: { name: 'GateScope', module: 'gate-scope.js' },
        },
      ],
    },
  ],
});
