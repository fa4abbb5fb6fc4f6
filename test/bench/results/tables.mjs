/** Measured results as tables in Markdown. */
// @ts-check
import { contenders } from '../contenders/table.mjs';
import { UNKNOWN, figure } from './figure.mjs';
import { summaryOf } from './statistics.mjs';
import { workloads } from '../workloads/table.mjs';
import { absentFrom, resultsOf } from './selection.mjs';

/** @import { Run } from '../measuring/run.mjs' */
/** @import { ResultWithRatios } from './ratios.mjs' */
/** @import { Recorded } from './record.mjs' */

/** A column: its head and its cells. @typedef {[head: string, cell: (row: ResultWithRatios) => string]} Column */

/** The heads of columns that hold no numbers. */
const NAMES = ['', 'variant', 'workload'];

const sides = /** @type {const} */ (['server', 'client']);

/** A table of each workload. @param {Recorded} recorded */
export function tablesOf(recorded) {
  const names = Object.keys(workloads).filter((name) =>
    recorded.results.some(({ workload }) => workload === name),
  );
  const parts = names.map((name) => {
    const rows = recorded.results.filter(({ workload }) => workload === name);
    return `**${name}**: ${workloads[name]?.title ?? ''}\n\n${tableOf(columnsOf(name), rows)}`;
  });
  return [measuredBy(recorded), ...parts].join('\n\n');
}

/** Tables of some workloads, each with the contenders that were left out. @type {(recorded: Recorded, names: readonly string[]) => string} */
export function groupTables(recorded, names) {
  const parts = names.flatMap((name) => {
    const rows = resultsOf(recorded, name);
    if (rows.length === 0) return [];
    const title = `**${workloads[name]?.title ?? ''}**`;
    return [title, tableOf(columnsOf(name), rows), absenceOf(recorded, name)];
  });
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The table of variants. @param {Recorded} recorded */
export function variantTable({ results }) {
  const rows = results.filter(({ contender }) => contenders[contender]?.base);
  /** @type {Column[]} */
  const columns = [
    ['variant', ({ contender }) => contenders[contender]?.title ?? contender],
    ['workload', ({ workload }) => workload],
    ['MiB/s', ({ runs }) => figure(medianOf(runs, (run) => run.value))],
    ['times the same without', ({ ratios }) => rangeOf(ratios.toBase ?? [])],
    ['CPU s a GiB, server', ({ runs }) => figure(medianOf(runs, ({ cpu }) => cpu?.server))],
    ['client', ({ runs }) => figure(medianOf(runs, ({ cpu }) => cpu?.client))],
  ];
  return tableOf(columns, rows);
}

/** The machine and the versions of a measurement. @param {Recorded} recorded */
export function machineTable(recorded) {
  const { options, versions } = recorded;
  const used = options.contenders.map((name) => {
    const numbers = Object.entries(versions[name] ?? {}).map(([one, version]) => `${one} ${version}`);
    const title = contenders[name]?.title ?? '';
    return `| \`${name}\` | ${title} | ${numbers.join(', ')} |`;
  });
  const head = '\n\n| name | what it is | versions |\n| --- | --- | --- |\n';
  return measuredBy(recorded).concat(head, used.join('\n'));
}

/** When, how and on what machine it was measured. @param {Recorded} recorded */
export function measuredBy({ date, command, machine, options }) {
  const { cpu, cpus, memoryGiB, system, node } = machine;
  return [
    `Measured on ${date.slice(0, 10)} by \`${command}\`: ${options.rounds} rounds,`,
    `${options.sizeMiB.toLocaleString('en')} MiB in bulk, ${options.files.toLocaleString('en')} small files of`,
    `1 to 16 KiB; ${cpus} cores (${cpu}), ${memoryGiB} GiB of memory, ${system}, Node ${node.slice(1)}.`,
  ].join('\n');
}

/** @param {string} workload @returns {Column[]} */
function columnsOf(workload) {
  const { unit = '', cpuUnit = '' } = workloads[workload] ?? {};
  return [
    ['', ({ contender }) => `\`${contender}\``],
    [unit, ({ runs }) => rangeOf(runs.map(({ value }) => value))],
    ['times raw', ({ ratios }) => rangeOf(ratios.toRaw)],
    ['times plain Node at its best', ({ ratios }) => rangeOf(ratios.toPlain ?? [])],
    [`CPU ${cpuUnit}, server + client`, ({ runs }) => bothOf(runs, 'cpu')],
    ['peak MiB, server + client', ({ runs }) => bothOf(runs, 'peakMiB')],
    ['99 %, ms', ({ runs }) => figure(medianOf(runs, ({ p99 }) => p99))],
    ['import, ms', ({ runs }) => figure(medianOf(runs, ({ importMs }) => importMs))],
    ['heap, KiB', ({ runs }) => figure(medianOf(runs, ({ heapKiB }) => heapKiB))],
    ['slowest / fastest', ({ runs }) => figure(medianOf(runs, ({ unfairness }) => unfairness))],
  ];
}

/** Without the columns that have nothing in them. @type {(columns: readonly Column[], rows: readonly ResultWithRatios[]) => string} */
function tableOf(columns, rows) {
  const used = columns.filter(([, cell]) => rows.some((row) => cell(row) !== UNKNOWN));
  const lines = [
    used.map(([head]) => head),
    used.map(([head]) => (NAMES.includes(head) ? '---' : '--:')),
    ...rows.map((row) => used.map(([, cell]) => cell(row))),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** @type {(recorded: Recorded, workload: string) => string} */
function absenceOf(recorded, workload) {
  const absent = absentFrom(recorded, workload).map(([name, reason]) => `\`${name}\` ${reason}`);
  return absent.length === 0 ? '' : `Not measured: ${absent.join('; ')}.`;
}

/** Median and range. @param {readonly number[]} values */
function rangeOf(values) {
  const { median, min, max } = summaryOf(values);
  return values.length > 1 ? `${figure(median)} (${figure(min)} to ${figure(max)})` : figure(median);
}

/** @type {(runs: readonly Run[], key: 'cpu' | 'peakMiB') => string} */
function bothOf(runs, key) {
  const both = sides.map((side) => figure(medianOf(runs, (run) => run[key]?.[side])));
  return both.every((side) => side === UNKNOWN) ? UNKNOWN : both.join(' + ');
}

/** @type {(runs: readonly Run[], of: (run: Run) => number | undefined) => number} */
function medianOf(runs, of) {
  return summaryOf(runs.map((run) => of(run) ?? NaN)).median;
}
