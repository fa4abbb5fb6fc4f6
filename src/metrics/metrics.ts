/**
 * The metrics of a server and of a client. Names follow the conventions of Prometheus: a counter ends in `_total`, and bytes
 * are the unit.
 */
import type { ClientStats } from '../client/monitoring/client-stats.js';
import type { ServerStats } from '../server/monitoring/server-counters.js';

/** A metric with its samples: each a counter, and the labels that tell it from the others. */
export interface Metric<Stats> {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly (readonly [key: keyof Stats, labels: Readonly<Record<string, string>>])[];
}

function gauge<Key extends string>(name: string, help: string, key: Key) {
  return { name, type: 'gauge', help, samples: [[key, {}]] } as const;
}

function counter<Key extends string>(name: string, help: string, key: Key) {
  return { name: `${name}_total`, type: 'counter', help, samples: [[key, {}]] } as const;
}

export const serverMetrics: readonly Metric<ServerStats>[] = [
  gauge('connections', 'Open connections.', 'connections'),
  counter('accepted_connections', 'Accepted connections, rejected ones included.', 'totalConnections'),
  counter('rejected_connections', 'Rejected connections.', 'rejectedConnections'),
  counter('rejected_logins', 'Rejected logins.', 'rejectedLogins'),
  counter('accept_errors', 'Failures of the system to accept a connection.', 'acceptErrors'),
  gauge('active_requests', 'Requests that run.', 'activeRequests'),
  gauge('queued_requests', 'Requests that wait for their turn.', 'queuedRequests'),
  {
    name: 'requests_total',
    type: 'counter',
    help: 'Requests that have ended.',
    samples: [
      ['servedRequests', { outcome: 'succeeded' }],
      ['failedRequests', { outcome: 'failed' }],
    ],
  },
  counter('omitted_names', 'Files and directories that listings have left out.', 'omittedNames'),
  gauge('sessions', 'Known sessions of clients.', 'sessions'),
  gauge('remembered_answers', 'Answers that are remembered for sessions.', 'rememberedAnswers'),
  counter('received_bytes', 'Bytes received, including frame headers.', 'bytesReceived'),
  counter('sent_bytes', 'Bytes sent, including frame headers.', 'bytesSent'),
  gauge('udp_paths', 'Connections that carry large files over UDP.', 'udpPaths'),
  counter('udp_received_bytes', 'Bytes of files received over UDP.', 'udpBytesReceived'),
  counter('udp_sent_bytes', 'Bytes of files sent over UDP, each byte once.', 'udpBytesSent'),
  counter('fallbacks', 'UDP paths that have failed.', 'fallbacks'),
];

export const clientMetrics: readonly Metric<ClientStats>[] = [
  gauge('connections', 'Open connections.', 'connections'),
  counter('opened_connections', 'Connections that the server has accepted.', 'totalConnections'),
  counter('failed_connections', 'Connections that could not be opened.', 'failedConnections'),
  counter('lost_connections', 'Open connections that ended with an error.', 'lostConnections'),
  gauge('active_requests', 'Requests that run or wait.', 'activeRequests'),
  {
    name: 'requests_total',
    type: 'counter',
    help: 'Requests that have ended.',
    samples: [
      ['succeededRequests', { outcome: 'succeeded' }],
      ['failedRequests', { outcome: 'failed' }],
      ['cancelledRequests', { outcome: 'cancelled' }],
    ],
  },
  counter('request_retries', 'Times that a request was sent again.', 'retries'),
  counter('resumed_transfers', 'Times that a request continued on another connection.', 'resumedTransfers'),
  counter('received_bytes', 'Bytes received, including frame headers.', 'bytesReceived'),
  counter('sent_bytes', 'Bytes sent, including frame headers.', 'bytesSent'),
  counter('udp_received_bytes', 'Bytes of files received over UDP.', 'udpBytesReceived'),
  counter('udp_sent_bytes', 'Bytes of files sent over UDP, each byte once.', 'udpBytesSent'),
  counter('fallbacks', 'Connections with large files over TCP although UDP was asked for.', 'fallbacks'),
];
