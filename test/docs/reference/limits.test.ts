/** The tables of limits and time limits in the reference: every option is there, with the default of the code. */
import { describe, expect, it } from 'vitest';
import { sessionLimitNames, type SessionLimits } from '../../../src/session/options.js';
import { serverLimitNames, type ServerLimits } from '../../../src/server/limits.js';
import * as limits from '../../../src/protocol/limits.js';
import { readDocuments } from '../documents.js';
import { tableOf } from '../tables.js';

const documents = await readDocuments();

const ofSession = {
  maxHeaderBytes: limits.MAX_HEADER_BYTES,
  maxFrameBytes: limits.MAX_FRAME_BYTES,
  maxValueBytes: limits.DEFAULT_MAX_VALUE_BYTES,
  windowBytes: limits.DEFAULT_WINDOW_BYTES,
} satisfies Record<keyof SessionLimits, number>;

const ofServer = {
  ...ofSession,
  maxConnections: limits.DEFAULT_MAX_CONNECTIONS,
  maxConnectionsPerAddress: limits.DEFAULT_MAX_CONNECTIONS_PER_ADDRESS,
  maxPendingHandshakes: limits.DEFAULT_MAX_PENDING_HANDSHAKES,
  maxBufferedBytes: limits.DEFAULT_MAX_BUFFERED_BYTES,
  maxBufferedBytesPerConnection: limits.DEFAULT_MAX_BUFFERED_BYTES_PER_CONNECTION,
  minBytesPerSecond: limits.DEFAULT_MIN_BYTES_PER_SECOND,
  maxChannels: limits.DEFAULT_MAX_CHANNELS,
  maxConcurrentRequests: limits.DEFAULT_MAX_CONCURRENT_REQUESTS,
  maxQueuedRequests: limits.DEFAULT_MAX_QUEUED_REQUESTS,
} satisfies Record<keyof ServerLimits, number>;

/** What each section must list: names of options and their defaults. */
const sections: readonly (readonly [page: string, heading: string, defaults: Record<string, number>])[] = [
  ['limits', '## Limits of a server', ofServer],
  ['limits', '## Limits of a client', ofSession],
  [
    'limits',
    '## Time limits of a server',
    {
      'timeouts.handshakeMs': limits.HANDSHAKE_TIMEOUT_MS,
      'timeouts.stallMs': limits.STALL_TIMEOUT_MS,
      'timeouts.progressMs': limits.PROGRESS_TIMEOUT_MS,
      'keepAlive.intervalMs': limits.KEEP_ALIVE_INTERVAL_MS,
      'keepAlive.timeoutMs': limits.KEEP_ALIVE_TIMEOUT_MS,
    },
  ],
  [
    'limits',
    '## Suspended uploads',
    {
      maxSuspendedUploads: limits.DEFAULT_MAX_SUSPENDED_UPLOADS,
      suspendedExpiryMs: limits.SUSPENDED_EXPIRY_MS,
    },
  ],
  [
    'limits',
    '## Sessions',
    {
      maxAnswers: limits.DEFAULT_MAX_ANSWERS,
      maxSessions: limits.DEFAULT_MAX_SESSIONS,
      expiryMs: limits.SESSION_EXPIRY_MS,
    },
  ],
  [
    'limits',
    '## Watches',
    {
      maxPerConnection: limits.MAX_CONNECTION_WATCHES,
      maxPerIdentity: limits.MAX_ACCOUNT_WATCHES,
      maxWatches: limits.MAX_WATCHES,
    },
  ],
  [
    'limits',
    '## UDP',
    {
      maxPaths: limits.DEFAULT_MAX_UDP_PATHS,
      maxPathsPerAddress: limits.DEFAULT_MAX_UDP_PATHS_PER_ADDRESS,
    },
  ],
  [
    'client',
    '### timeouts',
    {
      connectMs: limits.CONNECT_TIMEOUT_MS,
      responseMs: limits.RESPONSE_TIMEOUT_MS,
      stallMs: limits.STALL_TIMEOUT_MS,
      idleMs: limits.IDLE_TIMEOUT_MS,
    },
  ],
  [
    'client',
    '### reconnect',
    {
      maxAttempts: limits.RECONNECT_MAX_ATTEMPTS,
      maxElapsedMs: limits.RECONNECT_MAX_ELAPSED_MS,
      minDelayMs: limits.RECONNECT_MIN_DELAY_MS,
      maxDelayMs: limits.RECONNECT_MAX_DELAY_MS,
    },
  ],
];

/** The numbers in the first table of options below a heading, by the names of the options. */
function documented(page: string, heading: string): Record<string, number> {
  const [, section = ''] = (documents.get(`docs/reference/${page}.md`) ?? '').split(`${heading}\n`);
  const titles = /^\| (option .*) \|$/m.exec(section)?.[1]?.split('|') ?? [];
  const rows = tableOf(
    section,
    titles.map((title) => title.trim()),
  );
  return Object.fromEntries(
    rows.map((row) => [row['option'] ?? '', Number((row['default'] ?? '').replaceAll(',', ''))]),
  );
}

describe('the reference of limits', () => {
  it.each(sections)('has in %s.md, %s, the defaults of the code', (page, heading, defaults) => {
    expect(documented(page, heading)).toMatchObject(defaults);
  });

  it('has every limit that an option can set, and no other', () => {
    const names = (heading: string) => Object.keys(documented('limits', heading)).sort();
    expect(names('## Limits of a server')).toEqual([...serverLimitNames].sort());
    expect(names('## Limits of a client')).toEqual([...sessionLimitNames].sort());
  });
});
