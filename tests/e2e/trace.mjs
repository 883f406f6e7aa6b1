// What the page's own main thread did, task by task, from the browser's trace.

/**
 * The tasks of the page's main thread while `action()` runs, as milliseconds of processor time.
 * Time on the clock would also count what the thread waits for a processor, which on a busy machine
 * is more than what it does.
 */
export async function mainThreadTasks(page, action) {
  const mark = (name) =>
    page.evaluate((text) => {
      performance.mark(text);
    }, name);
  await page.tracing.start({ categories: ['toplevel', 'blink.user_timing'] });
  await mark('traced from');
  await action();
  await mark('traced to');
  const { traceEvents } = JSON.parse(new TextDecoder().decode(await page.tracing.stop()));
  const [from, to] = ['traced from', 'traced to'].map((name) =>
    traceEvents.find((event) => event.name === name),
  );
  return traceEvents
    .filter(
      ({ ph, name, pid, tid, ts }) =>
        ph === 'X' &&
        name.endsWith('RunTask') &&
        pid === from.pid &&
        tid === from.tid &&
        ts >= from.ts &&
        ts <= to.ts,
    )
    .map(({ tdur = 0 }) => tdur / 1000);
}
