import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fieldTable } from '../../src/protocol/fields.js';
import { frameTable } from '../../src/protocol/frames.js';
import * as limits from '../../src/protocol/limits.js';
import { operations } from '../../src/server/operations/operations.js';
import { requiredAnswerFields } from '../../src/session/channel/answer-fields.js';
import { clientTransitions, serverTransitions } from '../../src/session/channel/transitions.js';
import { repositoryRoot } from '../support/repository.js';
import { serve } from '../support/servers/serve.js';
import { anchorsOf, fencesOf } from './markdown.js';
import { numberedStorage } from './numbered-storage.js';
import { tableOf, wordsOf, type Row } from './tables.js';
import { framesOf, play, transcriptOf, type Transcript, type Turn } from './transcript.js';

const markdown = await readFile(path.join(repositoryRoot, 'docs/protocol.md'), 'utf8');

describe('the tables of the specification', () => {
  it('have the frames of the code', () => {
    expect(documentedFrames(markdown)).toEqual(frameTable);
  });

  it('have the fields of the code', () => {
    const rows = tableOf(markdown, ['number', 'field', 'type', 'unit and meaning']);
    const fields = rows.map(({ number, field = '', type }) => [field, { type, number: Number(number) }]);
    expect(Object.fromEntries(fields)).toEqual(fieldTable);
  });

  it('have the transitions of the code', () => {
    expect(documentedTransitions(["client's state", 'data', 'end', 'cancel'])).toEqual(clientTransitions);
    const serverFrames = ['accept', 'data', 'end', 'result', 'error'];
    expect(documentedTransitions(["server's state", ...serverFrames])).toEqual(serverTransitions);
  });

  it('have the operations of the code, each with its own section', () => {
    const names = documentedOperations().map(({ operation = '' }) => operation);
    expect(names.sort()).toEqual(Object.keys(operations).sort());
    expect(anchorsOf(markdown)).toEqual(expect.arrayContaining(names));
  });

  it('use only fields that the frames of an operation have', () => {
    for (const row of documentedOperations()) {
      const read = wordsOf(row['fields of open']?.replaceAll('*', ''));
      const fields = {
        open: read,
        accept: wordsOf(row['fields of accept']?.replaceAll('*', '')),
        result: wordsOf(row['fields of result']?.replaceAll('*', '')),
      };
      for (const [frame, names] of Object.entries(fields)) {
        expect(frameTable[frame as keyof typeof fields].optional).toEqual(expect.arrayContaining(names));
      }
    }
  });

  it('have in bold the fields that a client requires of each answer', () => {
    const documented = documentedOperations().map((row) => {
      const [accept, result] = [boldOf(row['fields of accept']), boldOf(row['fields of result'])];
      return [row['operation'], row['fields of accept'] === '' ? { result } : { accept, result }];
    });
    expect(Object.fromEntries(documented)).toEqual(requiredAnswerFields);
  });

  it('name the end whose limit each limit is', () => {
    for (const title of ['of the protocol', 'of this implementation, by default'])
      for (const row of tableOf(markdown, [title, 'whose limit', 'value', 'beyond it']))
        expect(['client', 'server', 'both']).toContain(row['whose limit']);
  });

  it('have the limits of the code', () => {
    const rows = [
      ...tableOf(markdown, ['of the protocol', 'whose limit', 'value', 'beyond it']),
      ...tableOf(markdown, ['of this implementation, by default', 'whose limit', 'value', 'beyond it']),
    ];
    const documented = rows.map((row) => [
      row['of the protocol'] ?? row['of this implementation, by default'],
      Number(row['value']?.replaceAll(',', '')),
    ]);
    expect(Object.fromEntries(documented)).toEqual(expectedLimits());
  });

  it('have the checksums of the code', () => {
    const rows = tableOf(markdown, ['algorithm', 'form', 'checksum of 123456789']);
    expect(rows.map((row) => row['checksum of 123456789'])).toEqual([
      `crc32:${crc32('123456789').toString(16).padStart(8, '0')}`,
      `sha256:${createHash('sha256').update('123456789').digest('hex')}`,
      '',
    ]);
  });

  it('fail the check with a mistake', () => {
    const mistaken = markdown.replace(/(`hello` *\| *)client/, '$1server');
    expect(mistaken).not.toBe(markdown);
    expect(documentedFrames(mistaken)).not.toEqual(frameTable);
    expect(documentedFrames(markdown.replace(/^\| 13 .*\n/m, ''))).not.toEqual(frameTable);
  });
});

function documentedFrames(text: string): Record<string, unknown> {
  const rows = tableOf(text, ['number', 'frame', 'from', 'required', 'optional', 'meaning']);
  const frames = rows.map(({ number, frame = '', from, required, optional }) => [
    frame,
    { number: Number(number), from, required: wordsOf(required), optional: wordsOf(optional) },
  ]);
  return Object.fromEntries(frames) as Record<string, unknown>;
}

function documentedTransitions([title = '', ...events]: readonly string[]): Record<string, unknown> {
  const rows = tableOf(markdown, [title, ...events]);
  const after = (row: Row) => events.map((event) => [event, row[event]]).filter(([, state]) => state !== '');
  return Object.fromEntries(rows.map((row) => [row[title], Object.fromEntries(after(row))])) as Record<
    string,
    unknown
  >;
}

/** The words in bold of a cell. */
function boldOf(cell = ''): string[] {
  return wordsOf(cell).flatMap((word) => /^\*\*(\w+)\*\*$/.exec(word)?.[1] ?? []);
}

function documentedOperations(): Row[] {
  return tableOf(markdown, [
    'operation',
    'body from',
    'fields of open',
    'fields of accept',
    'fields of result',
  ]);
}

type Limit = Exclude<
  keyof typeof limits,
  'PROTOCOL_VERSION' | 'AGENT' | 'DEFAULT_HOST' | 'DEFAULT_PORT' | 'MAX_INTEGER' | 'MAX_ID'
>;

/** The name of each limit in the document; a missing limit does not compile. */
const limitNames = {
  MAX_PATH_BYTES: 'bytes of a path',
  MAX_SEGMENT_BYTES: 'bytes of a path segment',
  INITIAL_MAX_HEADER_BYTES: 'bytes of hello and of welcome',
  MAX_HEADER_BYTES: 'bytes of a header after welcome',
  MIN_FRAME_BYTES: 'payload of a data frame that every peer accepts',
  MAX_FRAME_BYTES: 'payload of a data frame, upper bound',
  MAX_FIELD_VALUE_BYTES: 'bytes of the JSON of a value in a field',
  MAX_VALUE_DEPTH: 'levels of arrays and objects in a value',
  DEFAULT_MAX_VALUE_BYTES: 'bytes of the JSON of an input or output of a method',
  MAX_VALUE_BYTES: 'the same, highest value of the option',
  INITIAL_WINDOW_BYTES: 'bytes of an upload or batch before accept',
  MAX_BATCHED_FILE_BYTES: 'bytes of a file in a batch',
  DEFAULT_WINDOW_BYTES: 'bytes of a window at first',
  MAX_WINDOW_BYTES: 'bytes of a window on a long link, upper bound',
  MAX_GROWTH_BYTES: 'bytes by which all windows of a client may grow together',
  MIN_PATH_BODY_BYTES: 'bytes of a body from which it goes over a UDP path',
  PATH_WINDOW_BYTES: 'bytes by which the window of a download over a UDP path is larger, upper bound',
  DEFAULT_MAX_UDP_PATHS: 'UDP paths of a server',
  DEFAULT_MAX_UDP_PATHS_PER_ADDRESS: 'UDP paths of a server from one address',
  INITIAL_MAX_CHANNELS: 'channels before welcome',
  DEFAULT_MAX_CHANNELS: 'channels with a body of a connection',
  EXTRA_CHANNELS: 'channels beyond them, for operations without a body',
  MAX_CHANNELS: 'channels of a connection, highest value of the option',
  DEFAULT_MAX_CONNECTIONS: 'connections of a server',
  DEFAULT_MAX_CONCURRENT_REQUESTS: 'concurrent requests',
  DEFAULT_MAX_QUEUED_REQUESTS: 'queued requests',
  MAX_CONTROL_BACKLOG_BYTES: 'bytes of answers that wait for a slow reader',
  MAX_WAITING_PONGS: 'pongs that wait for a slow server',
  CONNECT_TIMEOUT_MS: 'ms until a client is connected and has received welcome',
  RESPONSE_TIMEOUT_MS: 'ms that a client waits for a response',
  IDLE_TIMEOUT_MS: 'ms that an on-demand connection stays open without a request',
  RECONNECT_MAX_ATTEMPTS: 'connection attempts in a row without progress',
  RECONNECT_MAX_ELAPSED_MS: 'ms of reconnecting without progress',
  RECONNECT_MIN_DELAY_MS: 'ms of the first reconnection delay, upper bound',
  RECONNECT_MAX_DELAY_MS: 'ms of every reconnection delay, upper bound',
  GRACE_MS: 'ms for running requests when an end is closed',
  KEEP_ALIVE_INTERVAL_MS: 'ms without input before a ping',
  KEEP_ALIVE_TIMEOUT_MS: 'ms without input',
  HANDSHAKE_TIMEOUT_MS: 'ms until hello',
  STALL_TIMEOUT_MS: 'ms of waiting for the client before its rate is checked',
  RUNNING_CHECKSUM_BYTES: 'bytes of a body between two running checksums',
  MIN_RUNNING_CHECKSUM_BYTES: 'bytes after a running checksum in which others are ignored',
  MAX_UNACKNOWLEDGED_BYTES: 'bytes that a client sends beyond the acknowledged ones',
  PROGRESS_TIMEOUT_MS: 'ms without progress of a request that the server serves',
  CONTENDED_STALL_MS: 'the same while other requests are queued',
  DEFAULT_MAX_CONNECTIONS_PER_ADDRESS: 'connections of a server from one address',
  DEFAULT_MAX_PENDING_HANDSHAKES: 'connections without a completed handshake',
  MAX_PENDING_FRAMES: 'frames buffered during a login',
  DEFAULT_MAX_BUFFERED_BYTES: 'bytes that uploads may send before they are stored',
  DEFAULT_MAX_BUFFERED_BYTES_PER_CONNECTION: 'the same on one connection',
  CANCEL_BURST: 'requests cancelled or ended by violations on one connection, burst',
  CANCELS_PER_SECOND: 'the same a second, after the burst',
  DEFAULT_MIN_BYTES_PER_SECOND: 'bytes a second while the server waits for the client',
  DEFAULT_MAX_SUSPENDED_UPLOADS: 'suspended uploads that a server remembers',
  SUSPENDED_EXPIRY_MS: 'ms that a suspended upload is kept',
  MAX_CONNECTION_WATCHES: 'watches and followed downloads of a connection',
  MAX_ACCOUNT_WATCHES: 'watches and followed downloads of an identity, or of an address without logins',
  MAX_WATCHES: 'watches and followed downloads of a server',
  DEFAULT_MAX_WATCHED_ENTRIES: 'entries of a watched directory that a client remembers',
  DEFAULT_MAX_ANSWERS: 'answers that a session remembers',
  MAX_SESSION_ANSWER_BYTES: 'bytes of memory of the answers of a session',
  MAX_ACCOUNT_ANSWER_BYTES: 'the same of an identity, or of an address without logins',
  MAX_ANSWER_BYTES: 'the same of a server',
  DEFAULT_MAX_SESSIONS: 'sessions without a connection that a server remembers',
  MAX_ACCOUNT_SESSIONS: 'the same of an identity, or of an address without logins, in number',
  SESSION_EXPIRY_MS: 'ms that a session without a connection is kept',
  MIN_KEEP_ALIVE_TIMEOUT_MS: 'ms without input that a client may ask for, lower bound',
  MIN_PING_INTERVAL_MS: 'ms between pings that a peer can cause',
  LINGER_MS: 'ms that a connection is read after an error',
} satisfies Record<Limit, string>;

function expectedLimits(): Record<string, number> {
  const named = Object.entries(limitNames).map(([limit, name]) => [name, limits[limit as Limit]]);
  return Object.fromEntries(named) as Record<string, number>;
}

describe('the transcripts of the specification', () => {
  const transcripts = transcriptsOf(markdown);

  it('are a first conversation and one in each codec', () => {
    expect(transcripts.map(({ codec }) => codec)).toEqual(['text', 'text', 'json', 'xml', 'binary']);
  });

  it.each(transcripts.map((transcript) => [transcript.codec, transcript] as const))(
    'match the behaviour of a server (%s)',
    async (codec, transcript) => {
      const { port } = await serve({ storage: numberedStorage() });
      const played = await play(transcript, port);
      expect(readable(codec, played)).toEqual(readable(codec, transcript.turns));
    },
  );

  it('have the same meaning in every codec', () => {
    const [, ...inEachCodec] = transcripts;
    const said = inEachCodec.map((transcript) => framesOf(transcript, 'client'));
    for (const frames of said) expect(frames).toEqual(said[0]);
  });

  it('label the binary frames correctly', () => {
    const binary = transcripts.find(({ codec }) => codec === 'binary');
    const frames = binary && [...framesOf(binary, 'client'), ...framesOf(binary, 'server')];
    expect(frames?.sort()).toEqual([...(binary?.comments ?? [])].sort());
  });

  it('fail the check with a mistake', async () => {
    const wrong = transcriptsOf(markdown.replaceAll('maxChannels=64', 'maxChannels=63'))[0];
    const { port } = await serve({ storage: numberedStorage() });
    const played = wrong && (await play(wrong, port));
    expect(played).toHaveLength(2);
    expect(played).not.toEqual(wrong?.turns.slice(0, 2));
  });
});

function transcriptsOf(text: string): Transcript[] {
  return fencesOf('docs/protocol.md', text).flatMap((fence) => transcriptOf(fence) ?? []);
}

function readable(codec: string, turns: readonly Turn[]): string[] {
  return turns.map(({ side, bytes }) => `${side}: ${bytes.toString(codec === 'binary' ? 'hex' : 'utf8')}`);
}

it('the specification names the default address of a server', () => {
  expect(markdown).toContain(`The port is ${limits.DEFAULT_PORT} `);
  expect(markdown).toContain(`This page is the specification of version ${limits.PROTOCOL_VERSION}:`);
});
