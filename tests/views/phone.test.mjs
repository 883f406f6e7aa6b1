// The sample as it is first seen on a phone: four screens at most, nothing too small to read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage } from '../e2e/harness.mjs';

const [WIDTH, HEIGHT] = [390, 844];

test('on a phone the sample takes four screens, in letters of 12 px at least', async (t) => {
  const { page, problems, close } = await openPage({ viewport: { width: WIDTH, height: HEIGHT } });
  t.after(close);
  await page.click('#try-sample');
  for (const selector of ['.place-dots svg', '.place-energy svg', '#heatmap [data-key]'])
    await page.waitForSelector(selector, { visible: true });
  await page.waitForSelector('.tensor-grid .row', { visible: true });
  const seen = await page.evaluate(() => {
    const { scrollHeight, scrollWidth } = document.documentElement;
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const small = [];
    const range = document.createRange();
    while (texts.nextNode()) {
      const { currentNode: node } = texts;
      range.selectNodeContents(node);
      const { width } = range.getBoundingClientRect();
      if (!node.data.trim() || width < 2 || !node.parentElement.checkVisibility()) continue;
      const size = parseFloat(getComputedStyle(node.parentElement).fontSize);
      if (size < 12) small.push(`${node.data.trim()}: ${size} px`);
    }
    const named = [...document.querySelectorAll('h2, .conditions, .chip-name, .run-key')]
      .filter((element) => element.getBoundingClientRect().width > 2)
      .map(({ innerText }) => innerText)
      .join(' ');
    return { scrollHeight, scrollWidth, small, rlvr: named.match(/rlvr-2/g) };
  });
  assert.ok(seen.scrollHeight <= 4 * HEIGHT, `${seen.scrollHeight} px, more than four screens`);
  assert.equal(seen.scrollWidth, WIDTH);
  assert.deepEqual(seen.small, []);
  // Its chip names a run that is not in focus; nothing around the figures does so once more.
  assert.deepEqual(seen.rlvr, ['rlvr-2']);
  assert.deepEqual(problems, []);
});
