import { describe, expect, it } from 'vitest';
import { readSources } from './support/sources/sources.js';

/** What fake timers replace. The contract suites run in the tests of a program; the command line is a program of its own. */
const REPLACED =
  /(?<![.\w])(?:set|clear)(?:Timeout|Interval|Immediate)\b|(?<![.\w])queueMicrotask\b|\bnextTick\b|\bperformance\.|\bhrtime\b|['"](?:node:)?(?:timers|perf_hooks)/;

const COMMENT = /\/\*.*?\*\/|\/\/[^\n]*/gs;

describe('the source files', () => {
  it('use timers, ticks and the monotonic clock only as clock.ts has kept them', async () => {
    const wrong = [...(await readSources())]
      .filter(([file]) => file !== 'clock.ts' && !/^(?:contracts|cli)\//.test(file))
      .flatMap(([file, text]) => misuses(text).map((misuse) => `${file}: ${misuse}`));
    expect(wrong).toEqual([]);
  });

  it.each([
    'setImmediate(run);',
    'globalThis.performance.now();',
    'process.nextTick(run);',
    'await new Promise(queueMicrotask);',
    "import { setTimeout as wait } from 'node:timers/promises';",
    'process.hrtime.bigint();',
  ])('are found to use %s', (text) => {
    expect(misuses(text)).toHaveLength(1);
  });

  it('may use the functions of clock.ts', () => {
    expect(misuses("import { setTimeout } from '../clock.js';\nsetTimeout(run, 1); // nextTick\n")).toEqual(
      [],
    );
  });
});

/** Lines that use a name that the file does not import from `clock.ts`. */
function misuses(text: string): string[] {
  const kept = /import \{([^}]*)\} from '(?:\.\.\/)+clock\.js';/.exec(text);
  const names = new Set(kept?.[1]?.split(',').map((name) => name.trim()));
  const code = text.replace(COMMENT, '').replace(kept?.[0] ?? '', '');
  return code.split('\n').filter((line) => {
    const used = REPLACED.exec(line)?.[0];
    return used !== undefined && (!names.has(used) || line.includes(`.${used}`));
  });
}
