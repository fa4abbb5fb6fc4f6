/**
 * The counters of a server or a client in the text format of Prometheus, version 0.0.4.
 *
 *     stats -> table of the server or of the client -> HELP, TYPE and samples of each metric
 */
import { rejectUnknownOptions } from '../options/option.js';
import type { ClientStats } from '../client/monitoring/client-stats.js';
import type { ServerStats } from '../server/monitoring/server-counters.js';
import { clientMetrics, serverMetrics, type Metric } from './metrics.js';

/** Options of {@link toPrometheus}. */
export interface PrometheusOptions {
  /** Start of the names of all metrics, before `_server_` or `_client_`. Default `'socket_ftp'`. */
  prefix?: string | undefined;
  /** Labels of all samples, for example `{ instance: 'files-1' }`. Default: none. */
  labels?: Readonly<Record<string, string>> | undefined;
}

/**
 * Writes the result of `server.stats()` or `client.stats()` in the text format of Prometheus, for an answer with the
 * `content-type` `text/plain; version=0.0.4; charset=utf-8`. One text must contain each metric once: give several
 * servers in a process prefixes of their own.
 *
 * @throws TypeError if the prefix or the name of a label is not valid, or the stats are of another kind
 */
export function toPrometheus(stats: ServerStats | ClientStats, options: PrometheusOptions = {}): string {
  rejectUnknownOptions('toPrometheus', options, ['prefix', 'labels']);
  const { prefix = 'socket_ftp', labels = {} } = options;
  checkNames(prefix, labels);
  if (isServerStats(stats)) return textOf(serverMetrics, { stats, name: `${prefix}_server`, labels });
  if (isClientStats(stats)) return textOf(clientMetrics, { stats, name: `${prefix}_client`, labels });
  throw new TypeError('toPrometheus() needs the result of server.stats() or client.stats().');
}

interface Page<Stats> {
  readonly stats: Stats;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

function textOf<Stats extends object>(
  metrics: readonly Metric<Stats>[],
  { stats, name: start, labels }: Page<Stats>,
): string {
  const lines = metrics.flatMap(({ name, type, help, samples }) => [
    `# HELP ${start}_${name} ${help}`,
    `# TYPE ${start}_${name} ${type}`,
    ...samples.map(
      ([key, own]) => `${start}_${name}${labelText({ ...labels, ...own })} ${String(stats[key])}`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeValue(value: string): string {
  return value
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
}

function checkNames(prefix: string, labels: Readonly<Record<string, string>>): void {
  if (typeof prefix !== 'string' || !/^[A-Za-z_:][\w:]*$/.test(prefix)) {
    throw new TypeError(`The option prefix must be a name of letters, digits, _ and :, not ${prefix}.`);
  }
  for (const [name, value] of Object.entries(labels)) {
    // Names with two underscores are those of Prometheus; `outcome` is a label of the metrics.
    if (!/^(?!__)[A-Za-z_]\w*$/.test(name) || name === 'outcome')
      throw new TypeError(`The option labels must not name a label ${name}.`);
    if (typeof value !== 'string')
      throw new TypeError(`The option labels.${name} must be a string, not ${String(value)}.`);
  }
}

function isServerStats(stats: object): stats is ServerStats {
  return typeof stats === 'object' && stats !== null && 'servedRequests' in stats;
}

function isClientStats(stats: object): stats is ClientStats {
  return typeof stats === 'object' && stats !== null && 'succeededRequests' in stats;
}
