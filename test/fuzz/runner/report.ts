/** The results of a run, as a table. */
import type { Guided } from './guided.js';
import type { Numbers } from './runner.js';

// Of the columns; below 0 where they are set to the right.
const WIDTHS = [14, -10, -6, -10, -10, -16, -5, 0];

/** A line of numbers, under those of `numbersHead`. */
export function numbersLine(numbers: Numbers): string {
  const { target, inputs, bytes, accepted, refused, slowestMsPer64KiB, heap, seconds } = numbers;
  const codes = [...refused].sort(([, one], [, other]) => other - one);
  const refusals = codes.map(([code, count]) => `${code} ${grouped(count)}`).join(', ');
  return columns([
    target,
    grouped(inputs),
    grouped(Math.round(bytes / 1_048_576)),
    grouped(accepted),
    slowestMsPer64KiB.toFixed(1),
    `${heap.before.toFixed(1)} -> ${heap.after.toFixed(1)}`,
    seconds.toFixed(0),
    refusals,
  ]);
}

export const numbersHead = columns([
  'target',
  'inputs',
  'MiB',
  'accepted',
  'ms/64 KiB',
  'heap MiB',
  's',
  'refused',
]);

/** The same of a guided run. */
export function guidedLine({ target, inputs, pool, blocks }: Guided): string {
  return `${target.padEnd(14)} ${grouped(inputs)} inputs, ${grouped(pool)} kept, ${grouped(blocks)} blocks of code reached`;
}

function columns(cells: readonly string[]): string {
  const padded = cells.map((cell, index) => {
    const width = WIDTHS[index] ?? 0;
    return width < 0 ? cell.padStart(-width) : cell.padEnd(width);
  });
  return padded.join(' ').trimEnd();
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
