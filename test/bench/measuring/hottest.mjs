/** Where the time of a process went: the functions of a CPU profile in which most of it was spent. */
// @ts-check
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

const SHOWN = 12;
const WAITING = ['(idle)', '(program)', '(root)'];

/** Prints the hottest functions of every profile in a folder. @param {string} folder */
export async function printHottest(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'));
  for (const name of names.sort()) {
    /** @type {import('node:inspector').Profiler.Profile} */
    const profile = JSON.parse(await readFile(path.join(folder, name), 'utf8'));
    console.error(
      `\n${path.basename(name, '.cpuprofile')}: milliseconds in the function itself, and their share of all work`,
    );
    for (const line of hottest(profile)) console.error(`  ${line}`);
  }
}

/** @param {import('node:inspector').Profiler.Profile} profile */
function hottest({ nodes, samples = [], timeDeltas = [] }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  /** @type {Map<string, number>} */
  const times = new Map();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '';
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
  }
  const all = [...times].filter(([name]) => !WAITING.includes(name)).sort(([, a], [, b]) => b - a);
  const total = all.reduce((sum, [, ms]) => sum + ms, 0);
  return all.slice(0, SHOWN).map(([name, ms]) => {
    return `${Math.round(ms).toString().padStart(7)}  ${((ms / total) * 100).toFixed(1).padStart(5)} %  ${name}`;
  });
}

/** @param {import('node:inspector').Runtime.CallFrame} callFrame */
function nameOf({ functionName, url, lineNumber }) {
  const name = functionName || '(anonymous)';
  return url === '' ? name : `${name}  ${path.basename(url)}:${lineNumber + 1}`;
}
