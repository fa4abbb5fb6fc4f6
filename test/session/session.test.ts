/** The rules of a conversation, on sessions that no transport carries. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import type { FrameOf } from '../../src/protocol/frames.js';
import type { TransferError } from '../../src/errors.js';
import { bytesOf } from '../support/bytes.js';
import { carry, checkedLine, Pair, says } from '../support/doubles/sessions.js';

const nothing = { onClose: () => undefined };

describe('the output of a session', () => {
  it('starts with hello, and sends requests before the welcome', () => {
    const { client } = new Pair();
    client.request({ op: 'stat', path: 'a' }, 'nothing', nothing);
    expect(says(client)).toEqual([
      'hello version=1 agent=test maxFrame=1048576 keepAliveTimeout=45000 check=3404326946',
      'open id=1 op=stat path=a check=585061495',
    ]);
  });

  it('has control frames before pending data', () => {
    const pair = new Pair();
    pair.client.request({ op: 'download', path: 'a' }, 'body', nothing);
    pair.exchange();
    pair.asked[0]?.channel.accept({});
    says(pair.server);
    pair.asked[0]?.channel.send([Buffer.from('body')], () => undefined);
    pair.server.receive(Buffer.from(`${checkedLine('ping token=1')}\n`));
    expect(says(pair.server)).toEqual([
      checkedLine('pong token=1'),
      checkedLine('data id=1 length=4'),
      'body',
    ]);
  });

  it('has one frame of each channel in turn, however much data one channel has', () => {
    const pair = new Pair(builtinCodecs.text, { maxFrameBytes: 65_536 });
    for (const path of ['a', 'b', 'c']) pair.client.request({ op: 'download', path }, 'body', nothing);
    pair.exchange();
    for (const { channel } of pair.asked) channel.accept({});
    says(pair.server);
    for (const { channel } of pair.asked) channel.send([Buffer.alloc(200_000, 120)], () => undefined);
    const headers = says(pair.server).filter((line) => line.startsWith('data'));
    expect(headers.map((line) => line.split(' ')[1])).toEqual(
      ['1', '3', '5', '1', '3', '5', '1', '3', '5', '1', '3', '5'].map((id) => `id=${id}`),
    );
  });

  it('pauses at the end of the window, and continues after the ack', () => {
    const pair = new Pair();
    let done = false;
    pair.client.request({ op: 'download', path: 'a' }, 'body', nothing);
    says(pair.client);
    pair.server.receive(Buffer.from('hello version=1\nopen id=1 op=download path=a window=3\n'));
    pair.asked[0]?.channel.accept({});
    says(pair.server);
    pair.asked[0]?.channel.send([Buffer.from('ab'), Buffer.from('cdef')], () => (done = true));
    expect(says(pair.server)).toEqual(['data id=1 length=3', 'abc']);
    expect(says(pair.server)).toEqual([]);
    expect(done).toBe(false);
    pair.server.receive(Buffer.from('ack id=1 offset=3 window=2\n'));
    expect(says(pair.server)).toEqual(['data id=1 length=2', 'de']);
    pair.server.receive(Buffer.from('ack id=1 offset=5 window=100\n'));
    expect(says(pair.server)).toEqual(['data id=1 length=1', 'f']);
    expect(done).toBe(true);
  });

  it('blocks the input while the peer does not read the answers', () => {
    const { server } = new Pair();
    server.receive(Buffer.from('hello version=1\n'));
    for (let token = 0; !server.congested; token += 1) {
      server.receive(Buffer.from(`ping token=${token}\n`));
      expect(token).toBeLessThan(100_000);
    }
    says(server);
    expect(server.congested).toBe(false);
  });
});

describe('goaway', () => {
  it('lets started requests end, and reports the others to the client', () => {
    const pair = new Pair();
    const outcomes: unknown[] = [];
    pair.client.request({ op: 'stat' }, 'nothing', { onClose: (outcome) => outcomes.push(outcome) });
    pair.exchange();
    pair.client.request({ op: 'stat' }, 'nothing', { onClose: (outcome) => outcomes.push(outcome) });
    pair.server.drain();
    pair.exchange();
    expect(outcomes).toMatchObject([{ code: 'ESHUTDOWN', retryable: true }]);
    expect(pair.asked).toHaveLength(1);
    expect(pair.serverEnded).toBeUndefined();
    pair.asked[0]?.channel.finish({ size: 1 });
    pair.exchange();
    expect(outcomes[1]).toMatchObject({ type: 'result', size: 1 });
    expect(pair.serverEnded).toEqual({ error: undefined });
    expect(pair.clientEnded).toEqual({ error: undefined });
  });
});

describe('the end of a session', () => {
  it('is reported to every channel and ping, once', async () => {
    const pair = new Pair();
    const outcomes: unknown[] = [];
    for (let index = 0; index < 20; index += 1) {
      pair.client.request({ op: 'stat' }, 'nothing', { onClose: (outcome) => outcomes.push(outcome) });
    }
    const ping = expect(pair.client.ping()).rejects.toMatchObject({ code: 'ECONNRESET' });
    pair.client.disconnect();
    pair.client.disconnect();
    await ping;
    expect(outcomes).toHaveLength(20);
    expect(new Set(outcomes.map((outcome) => (outcome as TransferError).code))).toEqual(
      new Set(['ECONNRESET']),
    );
  });

  it('for a broken rule has the error as its last frame, and reads nothing more', () => {
    const { server, asked } = new Pair();
    server.receive(Buffer.from('hello version=1\nopen id=2 op=stat\nopen id=1 op=stat\n'));
    const lines = says(server);
    expect(lines.at(-1)).toMatch(/^error code=EPROTO message=/);
    expect(server.finished).toBe(true);
    server.receive(Buffer.from('open id=3 op=stat\nping token=1\n'));
    expect(says(server)).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('does not follow from payload beyond a window, which ends its channel', () => {
    const pair = new Pair();
    const other = Buffer.alloc(65_537, 'x');
    says(pair.client);
    pair.server.receive(
      Buffer.from('hello version=1 maxFrame=1048576\nopen id=1 op=upload path=a\nopen id=3 op=stat\n'),
    );
    pair.server.receive(Buffer.from(`data id=1 length=65537\n${other.toString()}\n`));
    expect(says(pair.server).at(-1)).toMatch(/^error code=EFLOOD id=1 /);
    expect(pair.asked[0]?.channel.bufferedBytes).toBe(0);
    pair.asked[1]?.channel.finish({});
    expect(says(pair.server)).toEqual(['result id=3']);
    expect(pair.serverEnded).toBeUndefined();
  });
});

it('a session carries any bodies both ways, in any codec, cut anywhere, under any windows', () => {
  const body = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 5 });
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(builtinCodecs)),
      fc.array(fc.record({ up: body, down: body }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1_000, max: 100_000 }),
      (codec, transfers, pieceBytes) => {
        const pair = new Pair(codec);
        const ends = transfers.map(({ up, down }) => new Transfer(pair, up, down));
        for (let round = 0; ends.some((end) => !end.over); round += 1) {
          carry(pair.client, pair.server, pieceBytes);
          for (const end of ends) end.serve();
          carry(pair.server, pair.client, pieceBytes);
          expect(round).toBeLessThan(1_000);
        }
        for (const end of ends) end.check();
        expect(pair.serverEnded).toBeUndefined();
      },
    ),
    { numRuns: 60 },
  );
});

/** A channel that carries a body each way: the received bytes must equal the sent ones. */
class Transfer {
  readonly #pair: Pair;
  readonly #down: Buffer[];
  readonly #index: number;
  readonly #upExpected: Buffer;
  readonly #upReceived: Buffer[] = [];
  readonly #downReceived: Buffer[] = [];
  #outcome: FrameOf<'result'> | TransferError | undefined;
  #answering = false;

  constructor(pair: Pair, up: number[], down: number[]) {
    this.#pair = pair;
    const pieces = up.map((length, index) => bytesOf(length, index + 1));
    this.#upExpected = Buffer.concat(pieces);
    this.#down = down.map((length, index) => bytesOf(length, index + 7));
    const channel = pair.client.request({ op: 'upload', path: 'x' }, 'body', {
      onReadable: () => {
        const taken = channel.take(Infinity);
        this.#downReceived.push(...taken);
        channel.consumed(Buffer.concat(taken).length);
      },
      onClose: (outcome) => (this.#outcome = outcome),
    });
    // The id of a channel that is not open counts down from -1.
    this.#index = channel.id > 0 ? (channel.id - 1) / 2 : -channel.id - 1;
    sendAll(channel, pieces, () => channel.end(this.#upExpected.length, undefined));
  }

  get over(): boolean {
    return this.#outcome !== undefined;
  }

  /** The server side of a round: reads the received bytes, and answers after all of them. */
  serve(): void {
    const channel = this.#pair.asked[this.#index]?.channel;
    if (!channel || channel.closed) return;
    const taken = channel.take(Infinity);
    this.#upReceived.push(...taken);
    if (taken.length > 0) channel.consumed(Buffer.concat(taken).length);
    if (this.#answering) return;
    this.#answering = true;
    channel.accept({ window: 100_000 });
    sendAll(channel, this.#down, () => this.#finish());
  }

  #finish(): void {
    const channel = this.#pair.asked[this.#index]?.channel;
    if (channel?.clientState === 'ended') return channel.finish({});
    channel?.listen({
      onReadable: () => {
        if (channel.peerEnd) channel.finish({});
      },
      onStop: () => undefined,
    });
  }

  check(): void {
    expect(this.#outcome).toMatchObject({ type: 'result' });
    expect(Buffer.concat(this.#upReceived).equals(this.#upExpected)).toBe(true);
    expect(Buffer.concat(this.#downReceived).equals(Buffer.concat(this.#down))).toBe(true);
  }
}

interface Sender {
  send(pieces: readonly Uint8Array[], done: (error?: TransferError) => void): void;
}

function sendAll(channel: Sender, [piece, ...rest]: Buffer[], done: () => void): void {
  if (!piece) return done();
  channel.send([piece], (error) => {
    if (!error) sendAll(channel, rest, done);
  });
}
