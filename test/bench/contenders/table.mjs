/** What is compared. `scripts` is the folder beside this file in which a server and a client are. */
// @ts-check
import { workloadNames } from '../workloads/table.mjs';

/**
 * @typedef {object} ContenderKind
 * @property {string} title
 * @property {string} [scripts] - the folder; by default of its own name
 * @property {object} [options] - for its server and client
 * @property {readonly string[]} [packages] - the packages of `test/bench/packages` that it requires
 * @property {readonly string[]} [programs] - the programs of the system that it requires
 * @property {boolean} [isNative] - whether Node only keeps the programs running that are measured
 * @property {boolean} [isNativeClient] - the same of its client, where that differs
 * @property {string} [base] - the contender that it is a variant of, and is compared with, too
 * @property {Record<string, number>} [share] - of workloads that would take too long, do only this much
 * @property {Record<string, string>} cannot - workloads that it does not do, with the reason
 */

/** The unit of all ratios. */
export const RAW = 'raw';

/** Plain Node at its best, with asynchronous and with synchronous file calls. */
export const PLAIN = ['tuned', 'sync'];

/** socket-ftp with its defaults, as bounds and the table for users mean it. */
export const OURS = 'binary';

const noCalls = { 'ping-64': 'has no ping of its own', 'calls-64': 'has no methods' };
const noFsync = { 'upload-durable': 'has no fsync at the end of an upload' };

/** @type {(reason: string, names: readonly string[]) => Record<string, string>} */
const noneOf = (reason, names) => Object.fromEntries(names.map((name) => [name, reason]));

/** @type {(reason: string, names: readonly string[]) => Record<string, string>} */
const allBut = (reason, names) =>
  noneOf(
    reason,
    workloadNames.filter((name) => !names.includes(name)),
  );

const noProgram = noneOf('is a package, not measured as a program', ['program', 'first']);
const noStreams = noneOf('writes files only', ['pipeline', 'iterate', 'small-pipeline', 'write-file']);
const quarterOfBulk = { pipeline: 0.25, 'download-file': 0.25, 'upload-file': 0.25, 'clients-100': 0.25 };

/** @type {(codec: string) => ContenderKind} */
const ours = (codec) => ({
  title: `socket-ftp, codec ${codec}`,
  scripts: 'socket-ftp',
  options: { codec },
  cannot: {},
});

/** @type {(title: string, options: object) => ContenderKind} */
const variant = (title, options) => ({
  title: `socket-ftp, ${title}`,
  scripts: 'socket-ftp',
  options: { codec: 'binary', ...options },
  base: OURS,
  cannot: allBut('differs from binary in bulk only', ['pipeline', 'download-file', 'upload-file']),
});

/** @type {(title: string, sync: boolean) => ContenderKind} */
const plain = (title, sync) => ({ title, scripts: 'plain', options: { sync }, cannot: noFsync });

/** @type {Record<string, ContenderKind>} */
export const contenders = {
  [RAW]: { title: "Node's streams and sockets with their defaults", cannot: {} },
  tuned: plain('plain Node at its best, asynchronous file calls', false),
  sync: plain('plain Node at its best, synchronous file calls', true),
  text: ours('text'),
  json: ours('json'),
  xml: ours('xml'),
  binary: ours('binary'),
  'binary-none': variant('no checksum', { checksum: 'none' }),
  'binary-sha256': variant('checksum sha256', { checksum: 'sha256' }),
  'binary-tls': variant('over TLS', { tls: true }),
  http: { title: 'node:http, connections kept', cannot: { ...noCalls, ...noFsync } },
  ftp: {
    title: 'ftp-srv, basic-ftp',
    packages: ['ftp-srv', 'basic-ftp'],
    share: { 'small-down-1': 0.02, 'small-up-1': 0.02, fresh: 0.06, list: 0.2, idle: 0.5 },
    cannot: {
      ...noCalls,
      ...noFsync,
      ...noProgram,
      ...noneOf('has no streams to read from, or of values', ['iterate', 'write-file']),
    },
  },
  sftp: {
    title: 'OpenSSH sshd, ssh2-sftp-client',
    packages: ['ssh2-sftp-client'],
    programs: ['sshd', 'ssh-keygen'],
    isNative: true,
    isNativeClient: false,
    share: { ...quarterOfBulk, 'small-down-1': 0.2, 'small-up-1': 0.2, fresh: 0.06, idle: 0.05 },
    cannot: { ...noCalls, ...noFsync, ...noProgram, iterate: 'has no streams to read from' },
  },
  tus: {
    title: '@tus/server with file-store, tus-js-client',
    packages: ['@tus/server', '@tus/file-store', 'tus-js-client'],
    cannot: allBut('is for uploads only, over HTTP', ['upload-file', 'small-up', 'small-up-1']),
  },
  rsync: {
    title: 'rsync and its daemon',
    programs: ['rsync'],
    isNative: true,
    share: { fresh: 0.06 },
    cannot: {
      ...noCalls,
      ...noStreams,
      ...noneOf('takes a process for each', ['small-down-1', 'small-up-1', 'read-file', 'clients-100']),
      ...noneOf('lists directories, one process each', ['stat', 'stat-64']),
      idle: 'has no sessions that wait',
    },
  },
  vsftpd: {
    title: 'vsftpd, curl, 32 at once at the most',
    programs: ['vsftpd', 'curl'],
    isNative: true,
    share: { 'small-down-1': 0.02, 'small-up-1': 0.02, stat: 0.1, 'stat-64': 0.2, fresh: 0.2, idle: 0.1 },
    cannot: {
      ...noCalls,
      ...noFsync,
      ...noneOf('is not measured with streams of Node', ['iterate', 'small-pipeline', 'write-file', 'list']),
      ...noneOf('drops new connections when more than 32 come at once', ['clients-100']),
    },
  },
  nginx: {
    title: 'nginx, curl',
    programs: ['nginx', 'curl'],
    isNative: true,
    share: { fresh: 0.2 },
    cannot: {
      ...noCalls,
      ...noFsync,
      ...noneOf('is not measured with streams of Node', ['iterate', 'small-pipeline', 'write-file']),
    },
  },
};

export const contenderNames = Object.keys(contenders);

/** Whether it does a workload, or why not. @type {(name: string, workload: string) => string | undefined} */
export function reasonAgainst(name, workload) {
  return contenders[name]?.cannot[workload];
}
