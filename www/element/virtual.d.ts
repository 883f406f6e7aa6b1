// Made by scripts/export/figure-texts.mjs while the element is built.
declare module 'virtual:figure-texts' {
  import type { Figure } from '../report/figure-table.d.ts';

  const texts: Record<
    string,
    Pick<Figure, 'about' | 'formula' | 'read_against' | 'reported'> & {
      chance?: { formula: string };
    }
  >;
  export default texts;
  /** Of papers, by the name of a source. */
  export const titles: Record<string, string | null>;
}
