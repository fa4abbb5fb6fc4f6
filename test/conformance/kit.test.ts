/** The conformance kit itself: it covers the specification, its tables are those of the code, and it finds mistakes. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { errorTable } from '../../src/errors.js';
import { MemoryStorage } from '../../src/index.js';
import { fieldTable } from '../../src/protocol/fields.js';
import { frameCheck } from '../../src/protocol/frame-check.js';
import { frameTable, type Frame } from '../../src/protocol/frames.js';
import { anchorsOf } from '../docs/markdown.js';
import { repositoryRoot } from '../support/repository.js';
import { serve } from '../support/servers/serve.js';
import { playClient } from '../vectors/conformance/kit/client-kit.mjs';
import { transcriptsFor } from '../vectors/conformance/kit/files.mjs';
import { playServer } from '../vectors/conformance/kit/server-kit.mjs';
import { checkOf, codecNames, Decoder, encode } from '../vectors/conformance/kit/wire.mjs';

const folder = path.join(repositoryRoot, 'test/vectors/conformance');
const markdown = readFileSync(path.join(repositoryRoot, 'docs/protocol.md'), 'utf8');

interface Transcript {
  name: string;
  section: string;
  steps: unknown[];
  outcome?: unknown;
}

const transcripts = (['server', 'client'] as const).map((end) => ({
  end,
  list: [
    ...new Set(codecNames.flatMap((codec) => transcriptsFor(end, codec).map((each) => JSON.stringify(each)))),
  ].map((text) => JSON.parse(text) as Transcript),
}));

/** The sections without a transcript, and why. */
const uncovered = {
  'the-protocol': 'the title',
  'the-model': 'terms',
  'a-small-client': 'names duties of other sections',
  'a-pause': 'takes the time limits of the server',
  tls: 'needs certificates',
  resume: 'an introduction',
  security: 'advice',
  udp: 'an introduction',
  transcripts: 'are played by another test',
  'in-text': 'see transcripts',
  'in-json': 'see transcripts',
  'in-xml': 'see transcripts',
  'in-binary': 'see transcripts',
};

describe('the conformance kit', () => {
  it('has transcripts of every section of the specification, and of no other', () => {
    const sections = new Set(transcripts.flatMap(({ list }) => list.map(({ section }) => section)));
    expect([...sections, ...Object.keys(uncovered)].sort()).toEqual([...anchorsOf(markdown)].sort());
  });

  it.each(transcripts)('has unique names and steps for the $end', ({ list }) => {
    expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
    for (const { steps } of list) expect(steps.length).toBeGreaterThan(0);
  });

  it('has no transcript that it does not play', () => {
    for (const end of ['server', 'client'] as const) {
      const names = readdirSync(path.join(folder, end)).flatMap((file) => {
        const text = readFileSync(path.join(folder, end, file), 'utf8');
        return (JSON.parse(text) as { transcripts: Transcript[] }).transcripts.map(({ name }) => name);
      });
      expect(
        transcripts
          .find((each) => each.end === end)
          ?.list.map(({ name }) => name)
          .sort(),
      ).toEqual(names.sort());
    }
  });

  it('has the tables of the code', () => {
    const tables: unknown = JSON.parse(readFileSync(path.join(folder, 'tables.json'), 'utf8'));
    const frames = Object.entries(frameTable).map(([type, { number, required, optional }]) => [
      type,
      { number, fields: [...required, ...optional] },
    ]);
    const errors = Object.entries(errorTable).map(([code, { number }]) => [code, number]);
    expect(tables).toEqual({
      frames: Object.fromEntries(frames) as unknown,
      fields: fieldTable,
      errors: Object.fromEntries(errors) as unknown,
    });
  });

  it.each(codecNames)('writes and reads the vectors of %s', (codec) => {
    const file = path.join(repositoryRoot, `test/vectors/${codec}.json`);
    const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as {
      vectors: { frame: Frame; payload?: string; bytes: string }[];
    };
    expect(vectors.length).toBeGreaterThan(20);
    for (const { frame, payload = '', bytes } of vectors) {
      const record = 'length' in frame ? { ...frame, payload: Buffer.from(payload, 'hex') } : frame;
      expect(encode(codec, record).toString('hex')).toBe(bytes);
      expect(new Decoder(codec).write(Buffer.from(bytes, 'hex'))).toEqual([record]);
      if ('check' in frame && frame.check !== undefined) expect(checkOf(frame)).toBe(frameCheck(frame));
    }
  });
});

describe('the conformance kit finds', () => {
  const ping = {
    name: 'a ping',
    steps: [{ send: { type: 'ping', token: 1 } }, { expect: { type: 'pong', token: 2 } }],
  };

  it('an answer of a server that differs', async () => {
    const { port } = await serve({ storage: new MemoryStorage() });
    await expect(playServer(ping, { port, codec: 'json' })).rejects.toThrow('token is 1, not 2');
  });

  it('a server that does not answer', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(playServer(ping, { port, codec: 'json', timeoutMs: 50 })).rejects.toThrow(
      'nothing within 50 ms',
    );
  });

  it('a frame in place of the end of the connection', async () => {
    const { port } = await serve({ storage: new MemoryStorage() });
    const steps = [{ send: { type: 'open', id: 1, op: 'stat' } }, { ends: true }];
    await expect(playServer({ name: 'x', steps }, { port, codec: 'xml' })).rejects.toThrow(
      'instead of the end',
    );
  });

  it('a client with another outcome', async () => {
    const transcript = {
      name: 'x',
      do: { do: 'connect' },
      steps: [{ close: 'reset' }],
      outcome: { result: {} },
    };
    const drive = async (_: unknown, port: number) => {
      await fetch(`http://127.0.0.1:${port}`).catch(() => undefined);
      return { error: 'EIO' };
    };
    await expect(playClient({ ...transcript, handshake: false }, { codec: 'text', drive })).rejects.toThrow(
      'EIO',
    );
  });

  it('a client that connects earlier than it was told', async () => {
    const drive = async (_: unknown, port: number) => {
      const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
      await Promise.all(
        sockets.map((socket) =>
          once(
            socket.resume().on('error', () => undefined),
            'close',
          ),
        ),
      );
      return { result: null };
    };
    const transcript = { name: 'x', handshake: false, do: { do: 'connect' }, outcome: { result: {} } };
    const steps = [{ connect: 'b', afterMs: 10_000 }];
    await expect(playClient({ ...transcript, steps }, { codec: 'text', drive })).rejects.toThrow(
      /connects after .* ms, not 10000/,
    );
  });
});
