/** A whole program: Node starts, the program imports, connects, fetches a small file, and ends. */
// @ts-check
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { timesInTurn } from '../../measuring/at-once.mjs';
import { quantile } from '../../results/statistics.mjs';
import { connections } from '../workload.mjs';

/** @import { Program, Workload } from '../workload.mjs' */

const run = promisify(execFile);

/** @type {Workload} */
export const program = {
  ...connections('a program that fetches a small file, from start to exit, median', {
    run: async ({ program: source, amount }) => {
      if (!source) throw new Error('it has no program');
      /** @type {number[]} */
      const imports = [];
      const args = ['--input-type=module', '--eval', textOf(source)];
      const times = await timesInTurn(amount.programs, async () => {
        const { stdout } = await run(process.execPath, args);
        imports.push(Number(stdout));
      });
      return { times, importMs: quantile(imports, 0.5) };
    },
    units: ({ programs }) => programs,
  }),
  isProgram: true,
};

/** It prints how long its import took. @param {Program} program */
function textOf({ imports, body }) {
  return `
    const begin = performance.now();
    ${imports}
    const importMs = performance.now() - begin;
    ${body}
    process.stdout.write(String(importMs));
  `;
}
