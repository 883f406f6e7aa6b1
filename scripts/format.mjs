// npm run format: gives every file the form that `npm run check` asks for.
import { TOOLS } from './check/tools.mjs';
import { main } from './lib/problem.mjs';
import { root } from './lib/root.mjs';
import { show } from './lib/run.mjs';

await main(async () => {
  const tools = TOOLS.flatMap(({ format, ...tool }) => (format ? { ...tool, format } : []));
  for (const prepare of new Set(tools.map((tool) => tool.prepare))) await prepare();
  for (const { name, format } of tools) {
    for (const [program, ...args] of format(root))
      await show(`${name} could not format the files`, program, args, { quiet: true });
  }
});
