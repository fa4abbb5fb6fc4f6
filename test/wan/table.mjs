/**
 * Writes the figures of a measurement into the guide:
 *
 *     npm run bench:wan -- --parts links --json results.json && node test/wan/table.mjs results.json
 */
// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { links } from './links.mjs';
import { median } from './statistics.mjs';

/** @typedef {Record<string, Record<string, readonly { mbit: number }[]>>} MeasuredLinks by link and contender */

const GUIDE = new URL('../../docs/guides/tcp-or-udp.md', import.meta.url);

const PLACE = /(<!-- figures: bench:wan -->\n)[^]*(<!-- \/figures -->)/;

/** @type {Record<string, string>} */
const titles = {
  cubic: 'TCP, CUBIC',
  bbr: 'TCP, BBR',
  'parallel-4': '4 x TCP, CUBIC',
  'parallel-8': '8 x TCP, CUBIC',
  udp: 'UDP',
};

/** A table of medians in Mbit/s, as Prettier aligns it. @param {MeasuredLinks} measured */
export function tableOfLinks(measured) {
  const names = Object.keys(titles).filter((name) => Object.values(measured).some((link) => name in link));
  const rows = Object.entries(measured).map(([link, transfers]) => [
    links[link]?.title ?? link,
    ...names.map((name) => figure(medianOf(transfers[name]))),
    timesOf(medianOf(transfers['udp']), medianOf(transfers['cubic'])),
  ]);
  return aligned([['link', ...names.map((name) => titles[name] ?? name), 'UDP to CUBIC'], ...rows]);
}

/** The text of the guide with another table. @param {string} guide @param {string} table */
export function withTable(guide, table) {
  if (!PLACE.test(guide)) throw new Error('The guide has no place for the figures.');
  return guide.replace(PLACE, (_, start, end) => `${start}\n${table}\n${end}`);
}

/** @param {readonly { mbit: number }[] | undefined} transfers */
function medianOf(transfers = []) {
  return median(transfers.map(({ mbit }) => mbit));
}

/** @param {number} mbit */
function figure(mbit) {
  return Number.isNaN(mbit) ? 'not measured' : mbit.toFixed(mbit < 10 ? 1 : 0);
}

/** @param {number} udp @param {number} cubic */
function timesOf(udp, cubic) {
  return Number.isNaN(udp / cubic)
    ? 'not measured'
    : `${(udp / cubic).toFixed(udp < 10 * cubic ? 1 : 0)} times`;
}

/** @param {readonly (readonly string[])[]} rows */
function aligned(rows) {
  const [header = [], ...others] = rows;
  const widths = header.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [header, widths.map((width) => '-'.repeat(width)), ...others].map(line).join('');
}

const [, program = '', file] = process.argv;
if (file !== undefined && pathToFileURL(program).href === import.meta.url) {
  const results = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(GUIDE, withTable(readFileSync(GUIDE, 'utf8'), tableOfLinks(results.links)));
}
