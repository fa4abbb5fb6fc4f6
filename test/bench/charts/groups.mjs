/** The parts of the document: each a chart and tables of some workloads. */
// @ts-check
import { PLAIN, RAW, contenders } from '../contenders/table.mjs';

/** @type {Record<string, readonly string[]>} */
export const groups = {
  bulk: ['pipeline', 'iterate', 'download-file', 'upload-file', 'upload-durable'],
  small: [
    'small-down',
    'small-down-1',
    'small-pipeline',
    'small-up',
    'small-up-1',
    'read-file',
    'write-file',
  ],
  requests: ['list', 'stat', 'stat-64', 'calls-64', 'ping-64'],
  connections: ['fresh', 'first', 'program', 'idle', 'clients-100'],
};

/** The workloads of the chart for users. */
export const overview = ['pipeline', 'upload-file', 'small-down', 'small-up'];

/** The workloads of the table for users. */
export const summarised = [
  ...['pipeline', 'download-file', 'upload-file', 'small-down', 'small-down-1', 'small-up', 'small-up-1'],
  ...['read-file', 'stat', 'stat-64', 'list', 'fresh', 'program', 'idle', 'clients-100'],
];

/** The identity of a contender, for colours. @type {(name: string) => string} */
export function kindOf(name) {
  const { scripts, isNative } = contenders[name] ?? {};
  if (scripts === 'socket-ftp') return 'socket-ftp';
  if (name === RAW || PLAIN.includes(name)) return 'plain Node';
  return isNative ? 'servers in C' : 'other packages for Node';
}
