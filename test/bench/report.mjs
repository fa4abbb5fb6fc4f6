/** What was measured, as a table for people and as JSON for comparing. */
// @ts-check
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import path from 'node:path';
import { workloads } from './workloads.mjs';

/**
 * The rates of one contender in one workload, a value for each round.
 * @typedef {{ workload: string, contender: string, rates: number[], ratios: number[] }} Result
 */

/**
 * Adds the ratios to raw, each within its round.
 * @param {Omit<Result, 'ratios'>[]} measured
 * @returns {Result[]}
 */
export function withRatios(measured) {
  return measured.map((result) => {
    const raw = measured.find(
      ({ contender, workload }) => contender === 'raw' && workload === result.workload,
    );
    return { ...result, ratios: result.rates.map((rate, round) => rate / (raw?.rates[round] ?? NaN)) };
  });
}

/** @param {readonly Result[]} results */
export function printTable(results) {
  let last = '';
  for (const { workload, contender, rates, ratios } of results) {
    const { title = '', unit = '' } = workloads[workload] ?? {};
    if (workload !== last)
      console.log(`\n${`${title}, ${unit}`.padEnd(58)}   median     min     max   x raw    min    max`);
    last = workload;
    const speeds = summary(rates).map((rate) => Math.round(rate).toLocaleString('en').padStart(8));
    const factors = summary(ratios).map((ratio) => ratio.toFixed(2).padStart(7));
    console.log(`  ${contender.padEnd(57)}${speeds.join('')} ${factors.join('')}`);
  }
}

/** Writes everything to `bench-results/`. @type {(results: readonly Result[], options: object) => Promise<string>} */
export async function writeJson(results, options) {
  const date = new Date().toISOString();
  const processors = cpus();
  const machine = {
    node: process.version,
    cpu: processors[0]?.model,
    cpus: processors.length,
    system: release(),
  };
  const file = path.join('bench-results', `${date.replaceAll(':', '-')}.json`);
  await mkdir('bench-results', { recursive: true });
  await writeFile(file, JSON.stringify({ date, machine, options, results }, null, 2) + '\n');
  return file;
}

/** Median, minimum and maximum. @param {readonly number[]} values */
function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
  return [median, sorted[0] ?? NaN, sorted.at(-1) ?? NaN];
}
