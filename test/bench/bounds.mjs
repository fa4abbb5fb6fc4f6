/**
 * What socket-ftp has to reach, as medians of the rounds of `npm run bench -- --gate`. Where not said otherwise they are ratios
 * within a round: to raw, which are Node's streams with their defaults; to `tuned` and `sync`, plain Node at its best
 * without checksums, limits and safety; to `node:http`; and of codecs and TLS to the binary codec without.
 */
// @ts-check
import { OURS, RAW } from './contenders/table.mjs';

/** @import { Bound } from './results/verdicts.mjs' */

const raw = [RAW];
const tuned = ['tuned'];
const http = ['http'];
const ours = [OURS];

/** Peak memory of each end with one transfer, in MiB. */
const PEAK_MIB = 80;

/** Bulk transfers as a whole. @type {(workload: string) => Bound[]} */
const costs = (workload) => [
  { workload, figure: 'cpu', to: tuned, limit: 1.6 },
  { workload, figure: 'serverPeak', limit: PEAK_MIB },
  { workload, figure: 'clientPeak', limit: PEAK_MIB },
];

/** A codec that people can read may take a quarter longer. @type {(contender: string) => Bound[]} */
const codec = (contender) =>
  ['small-down', 'small-up', 'read-file'].map((workload) => ({ workload, contender, to: ours, limit: 0.75 }));

/** @type {readonly Bound[]} */
export const bounds = [
  { workload: 'pipeline', to: raw, limit: 2.5 },
  { workload: 'pipeline', to: tuned, limit: 0.6 },
  ...costs('pipeline'),
  { workload: 'download-file', to: raw, limit: 2.5 },
  ...costs('download-file'),
  { workload: 'upload-file', to: raw, limit: 2 },
  ...costs('upload-file'),
  { workload: 'pipeline', contender: 'binary-tls', to: ours, limit: 0.6 },
  { workload: 'download-file', contender: 'binary-tls', to: ours, limit: 0.6 },
  { workload: 'upload-file', contender: 'binary-tls', to: ours, limit: 0.6 },

  { workload: 'small-down', to: raw, limit: 5 },
  { workload: 'small-down', to: tuned, limit: 1 },
  { workload: 'small-down-1', to: raw, limit: 2 },
  { workload: 'small-up', to: raw, limit: 3 },
  { workload: 'read-file', to: raw, limit: 6 },
  ...['text', 'json', 'xml'].flatMap(codec),

  { workload: 'stat-64', to: raw, limit: 1.5 },

  { workload: 'fresh', to: raw, limit: 1.1 },
  { workload: 'first', to: http, limit: 1 },
  { workload: 'program', to: http, limit: 1.4 },
  { workload: 'clients-100', to: raw, limit: 1 },
  { workload: 'clients-100', figure: 'unfairness', limit: 1.3 },
  { workload: 'clients-100', figure: 'serverPeak', limit: 200 },
  { workload: 'idle', limit: 14 },
];
