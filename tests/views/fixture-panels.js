// Panels for tests of what is around panels: small, and each shows what it was given.
const svg = (tag, attributes, ...children) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

/** A chart with a colour of the theme, the name of the run, and a button for the next run. */
function drawDots(view, choose) {
  const { name } = view.report.runs[view.run].checkpoint;
  const button = document.createElement('button');
  button.textContent = 'next run';
  button.setAttribute('data-key', 'next');
  button.addEventListener('click', () => choose({ run: (view.run + 1) % view.report.runs.length }));
  const panel = document.createElement('section');
  const words = document.createElement('p');
  words.className = 'words';
  words.textContent = `${name} ${view.metric} ${view.width}`;
  panel.append(
    words,
    svg(
      'svg',
      { width: 200, height: 80, role: 'img', 'aria-label': 'dots' },
      svg('circle', { cx: 40, cy: 40, r: 20, fill: 'var(--run-1)', class: 'dot' }),
      svg('text', { x: 70, y: 44, fill: 'currentColor' }, name),
    ),
    button,
  );
  return panel;
}

/** A map: pixels, which follow no theme by themselves. */
function drawMap() {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 2, height: 2 });
  canvas.style.cssText = 'width: 100px; height: 60px';
  const context = canvas.getContext('2d');
  context.fillStyle = '#ff0000';
  context.fillRect(0, 0, 2, 2);
  const panel = document.createElement('div');
  panel.append(canvas);
  return panel;
}

export const PANELS = {
  dots: async () => drawDots,
  summary: async () => drawDots,
  map: async () => drawMap,
  broken: async () => {
    throw new Error('This panel could not be loaded.');
  },
};
