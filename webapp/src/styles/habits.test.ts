/**
 * How components may be laid out and coloured: by start and end, so that a language which runs the
 * other way needs no second layout, and by the tokens of `main.css` alone.
 */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const SRC = new URL('..', import.meta.url).pathname;

/** Classes that name a side of the screen. */
const SIDES =
  /(?<![\w-])-?(?:m[lr]|p[lr]|(?:left|right)(?=-)|border-[lr]|rounded-(?:[lr]|[tb][lr])|scroll-[mp][lr]|text-(?:left|right)|float-(?:left|right)|clear-(?:left|right)|origin-(?:\w+-)?(?:left|right)|bg-(?:left|right))(?:-[\w./[\]-]+)?(?![\w-])/;
/** Styles that do. */
const SIDE_STYLES =
  /(?:^|[\s;{])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)|left|right|(?:text-align|float|clear):\s*(?:left|right)|border-(?:top|bottom)-(?:left|right))\b/;
/** Values of one's own in place of a token or a step: colours, distances, sizes of type. */
const OWN_VALUES =
  /(?<![\w-])(?:bg|text|border|fill|stroke|outline|ring|shadow|accent|caret|decoration|m[trblxyse]?|p[trblxyse]?|gap(?:-[xy])?|space-[xy]|rounded(?:-\w+)?)-\[/;
const COLORS = /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|oklab|color)\(/i;

/** The strings of a component are where its classes stand. */
function stringsOf(code: string): string[] {
  return code.match(/"[^"\n]*"|'[^'\n]*'|`[^`]*`/g) ?? [];
}

function found(pattern: RegExp, files: readonly string[], parts: (text: string) => string[]) {
  return files.flatMap((path) =>
    parts(readFileSync(path, 'utf8')).flatMap((part) => {
      const hit = pattern.exec(part);
      return hit === null ? [] : [`${path.slice(SRC.length)}: ${hit[0].trim()}`];
    }),
  );
}

const components = globSync(`${SRC}**/*.tsx`).filter((path) => !path.endsWith('.test.tsx'));
const sheets = globSync(`${SRC}**/*.css`);
const linesOf = (text: string) => text.split('\n');

describe('the layout', () => {
  it('[UI118] names start and end in classes, never left and right', () => {
    expect(components.length).toBeGreaterThan(60);
    expect(found(SIDES, components, stringsOf)).toEqual([]);
    for (const no of ['ml-2', '-mr-4', 'left-0', 'md:pl-3', 'text-right', 'rounded-tl-md']) {
      expect(`flex ${no} gap-2`).toMatch(SIDES);
    }
    for (const yes of ['ms-2', '-me-4', 'start-0', 'text-start', 'rounded-ss-md', 'bright-1']) {
      expect(`flex ${yes} gap-2`).not.toMatch(SIDES);
    }
  });

  it('[UI118] names start and end in styles', () => {
    expect(sheets.length).toBeGreaterThan(0);
    expect(found(SIDE_STYLES, sheets, linesOf)).toEqual([]);
    for (const no of ['  margin-left: 1px;', '  left: 0;', '  text-align: right;']) {
      expect(no).toMatch(SIDE_STYLES);
    }
    expect('  margin-inline-start: 1px;').not.toMatch(SIDE_STYLES);
  });

  it('[UI119] takes colours and distances from the table', () => {
    expect(found(OWN_VALUES, components, stringsOf)).toEqual([]);
    expect(found(COLORS, components, stringsOf)).toEqual([]);
    for (const no of ['bg-[red]', 'md:p-[13px]', 'text-[11px]', 'gap-x-[3px]', 'rounded-t-[4px]']) {
      expect(`flex ${no}`).toMatch(OWN_VALUES);
    }
    expect('max-w-[min(34rem,85%)]').not.toMatch(OWN_VALUES);
  });

  it('[UI119] names each colour once, as a pair for light and dark', () => {
    const css = readFileSync(`${SRC}styles/main.css`, 'utf8');
    const tokens = [...css.matchAll(/^ {2}--color-([a-z-]+): (.*);$/gm)];
    expect(tokens.length).toBeGreaterThan(15);
    for (const [, name, value] of tokens)
      expect([name, value]).toEqual([
        name,
        expect.stringMatching(/^light-dark\(oklch\(.*\), oklch\(.*\)\)$/),
      ]);
    expect(new Set(tokens.map(([, name]) => name)).size).toBe(tokens.length);
  });
});
