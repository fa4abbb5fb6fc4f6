/** Every required field of every answer, missing: the request fails, and the connection continues. */
import { duplexPair, type Duplex } from 'node:stream';
import { crc32 } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import { FileClient, type CodecName, type FileClientOptions } from '../../../src/index.js';
import { requiredAnswerFields } from '../../../src/session/channel/answer-fields.js';
import {
  changed,
  codecNames,
  data,
  frame,
  type LooseFrame,
  type Value,
} from '../../abuse/wire/frames/loose-frame.js';
import { LooseWire } from '../../support/frames/loose-wire.js';

const sumOf = (bytes: Uint8Array): string => `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`;
const ABC = Buffer.from('abc');
const file = { path: 'x', kind: 'file', size: 3, mtime: 1 };
const bytes = { bytes: 3, checksum: sumOf(ABC) };

interface Answered {
  readonly call: (client: FileClient) => Promise<unknown>;
  readonly accept?: Readonly<Record<string, Value>>;
  readonly body?: (codec: CodecName) => Buffer;
  readonly result: (codec: CodecName) => Readonly<Record<string, Value>>;
}

const listed = (codec: CodecName): Buffer =>
  Buffer.from(builtinCodecs[codec].encode({ type: 'entry', ...file, path: 'x/a', kind: 'file' }));

/** A call, and the right answer to it. */
const answers: Readonly<Record<string, Answered>> = {
  download: {
    call: (client) => client.readFile('x'),
    accept: { ...file, offset: 0, checksum: 'crc32' },
    body: () => ABC,
    result: () => bytes,
  },
  upload: {
    call: (client) => client.writeFile('x', 'abc'),
    accept: { path: 'x', checksum: 'crc32', window: 65_536 },
    result: () => ({ ...file, ...bytes }),
  },
  list: {
    call: (client) => client.readdir('x'),
    accept: { path: 'x', kind: 'directory', checksum: 'crc32' },
    body: listed,
    result: (codec) => ({ bytes: listed(codec).length, checksum: sumOf(listed(codec)) }),
  },
  stat: { call: (client) => client.stat('x'), result: () => file },
  mkdir: { call: (client) => client.mkdir('x'), result: () => ({ path: 'x' }) },
  remove: { call: (client) => client.remove('x'), result: () => ({ path: 'x' }) },
  rename: { call: (client) => client.rename('w', 'x'), result: () => ({ path: 'x' }) },
  copy: { call: (client) => client.copy('w', 'x'), result: () => file },
  utimes: { call: (client) => client.utimes('x', new Date(1)), result: () => file },
  chmod: { call: (client) => client.chmod('x', 0o644), result: () => file },
  checksum: {
    call: (client) => client.checksum('x', 'crc32'),
    result: () => ({ size: 3, checksum: bytes.checksum }),
  },
};

function connected(
  codec: CodecName,
  options: FileClientOptions = {},
): { client: FileClient; wire: LooseWire } {
  const [near, far] = duplexPair();
  const client = new FileClient({ codec, connect: () => near, reconnect: false, ...options });
  onTestFinished(() => client.destroy());
  const wire = new LooseWire(far, codec);
  wire.send(frame('welcome', { version: 1, maxFrame: 65_536, maxChannels: 64 }));
  return { client, wire };
}

function framesOf({ accept, body, result }: Answered, codec: CodecName): LooseFrame[] {
  return [
    ...(accept ? [frame('accept', { id: 1, ...accept })] : []),
    ...(body ? [data(1, body(codec))] : []),
    frame('result', { id: 1, ...result(codec) }),
  ];
}

const operations = Object.entries(answers);

/** Fields that only some requests need have tests of their own. */
const missing = operations.flatMap(([op, answered]) =>
  (['accept', 'result'] as const).flatMap((type) =>
    (requiredAnswerFields[op]?.[type] ?? [])
      .filter((name) => !(op === 'upload' && name === 'offset'))
      .map((name) => ({ op, type, name, answered })),
  ),
);

describe.each(codecNames)('in %s', (codec) => {
  it.each(operations)('an answer to %s with all required fields is a success', async (_op, answered) => {
    const { client, wire } = connected(codec);
    const called = answered.call(client);
    await wire.receive('open');
    wire.send(...framesOf(answered, codec));
    await called;
  });

  it.each(missing)(
    '$type of $op without $name is EPROTO of the request',
    async ({ type, name, answered }) => {
      const { client, wire } = connected(codec);
      const called = answered.call(client).then(
        () => expect.fail('The call has resolved.'),
        (error: unknown) => error,
      );
      await wire.receive('open');
      const said = framesOf(answered, codec);
      const wrong = said.findIndex((one) => one.type === type);
      const frames = said.map((one, index) => (index === wrong ? changed(one, name, undefined) : one));
      expect(frames[wrong]?.fields).toHaveLength((said[wrong]?.fields.length ?? 0) - 1);
      wire.send(...frames);
      expect(await called).toMatchObject({ code: 'EPROTO', reason: expect.stringContaining(name) as string });
      await wire.settle();
    },
  );

  it('accept of an upload with an offset is EPROTO of the request if open has none', async () => {
    const fresh = connected(codec);
    const first = fresh.client.writeFile('x', 'abc');
    await fresh.wire.receive('open');
    fresh.wire.send(frame('accept', { id: 1, path: 'x', checksum: 'crc32', window: 9, offset: 0 }));
    await expect(first).rejects.toMatchObject({ code: 'EPROTO' });
    await fresh.wire.settle();
  });

  it('accept of a resumed upload without an offset is EPROTO of the request', async () => {
    const pairs = [duplexPair(), duplexPair()] as const;
    const wires = pairs.map(([, far]) => new LooseWire(far, codec));
    const ends = pairs.map(([near]) => near);
    const connect = (): Duplex => ends.shift() ?? expect.fail('There is no third connection.');
    const client = new FileClient({ codec, connect, reconnect: { minDelayMs: 1, maxDelayMs: 1 } });
    onTestFinished(() => client.destroy());
    const upload = client.upload('x');
    const failure = upload.completed.catch((error: unknown) => error);
    upload.write('abc');
    for (const wire of wires) wire.send(frame('welcome', { version: 1, maxFrame: 65_536, maxChannels: 64 }));
    await wires[0]?.receive('data', { id: 1 });
    wires[0]?.send(frame('accept', { id: 1, path: 'x', checksum: 'crc32', window: 65_536 }));
    wires[0]?.close();
    expect(await wires[1]?.receive('open')).toMatchObject({ offset: 0 });
    wires[1]?.send(frame('accept', { id: 1, path: 'x', checksum: 'crc32', window: 65_536 }));
    expect(await failure).toMatchObject({
      code: 'EPROTO',
      reason: expect.stringContaining('offset') as string,
    });
    await wires[1]?.settle();
  });

  it('the result of a download or a listing without an accept is EPROTO of the request', async () => {
    for (const call of [answers['download']?.call, answers['list']?.call]) {
      const { client, wire } = connected(codec);
      const called = call?.(client);
      await wire.receive('open');
      wire.send(frame('result', { id: 1, bytes: 0, checksum: 'crc32:00000000' }));
      await expect(called).rejects.toMatchObject({ code: 'EPROTO' });
      await wire.settle();
    }
  });

  it('the root has no path, a directory no size, and the algorithm none no checksum', async () => {
    const { client, wire } = connected(codec, { checksum: 'none' });
    const stat = client.stat('/');
    await wire.receive('open', { id: 1 });
    wire.send(frame('result', { id: 1, kind: 'directory', mtime: 1 }));
    expect(await stat).toMatchObject({ kind: 'directory', path: '' });
    const list = client.readdir();
    await wire.receive('open', { id: 3 });
    wire.send(frame('accept', { id: 3, kind: 'directory' }), frame('result', { id: 3, bytes: 0 }));
    expect(await list).toEqual([]);
    const write = client.writeFile('x', 'abc');
    await wire.receive('open', { id: 5 });
    wire.send(
      frame('accept', { id: 5, path: 'x', window: 65_536 }),
      frame('result', { id: 5, ...file, bytes: 3 }),
    );
    expect(await write).toMatchObject({ size: 3 });
  });
});
