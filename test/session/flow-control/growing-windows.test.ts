/** Windows that grow by themselves, in sessions whose peer is a text and whose time is the test's. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import { MAX_GROWTH_BYTES, MAX_WINDOW_BYTES } from '../../../src/protocol/limits.js';
import type { ClientChannel } from '../../../src/session/channel/client-channel.js';
import { ClientSession } from '../../../src/session/client-session.js';
import { sessionSettings } from '../../../src/session/options.js';
import { carry, checkedLine, Pair, says, settings } from '../../support/doubles/sessions.js';

const MIB = 1024 * 1024;
const START_BYTES = 2 * MIB;
const PIECE = Buffer.alloc(MIB / 2, 'x');
const ROUND_TRIP_MS = 100;
const silence = { intervalMs: 1, timeoutMs: 2 };

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** A client whose server is far away, and sends a window in each round trip: no more can come. */
class Downloads {
  readonly #client: ClientSession;
  readonly #windows = new Map<number, number>();

  constructor(windowBytes?: number) {
    this.#client = new ClientSession(builtinCodecs.text, sessionSettings({ windowBytes }, silence), {});
    this.#hear('welcome version=1 maxFrame=1048576 maxChannels=64\n');
  }

  /** Sum of all windows. */
  get windowBytes(): number {
    return [...this.#windows.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  begin(): ClientChannel {
    const channel: ClientChannel = this.#client.request({ op: 'download', path: 'x' }, 'body', {
      onClose: () => undefined,
    });
    this.#listen();
    vi.advanceTimersByTime(ROUND_TRIP_MS);
    this.#hear(`accept id=${channel.id}\n`);
    return channel;
  }

  /** The server sends so many pieces, each of which is read at once. Gives the window. */
  read(channel: ClientChannel, pieces: number): number {
    for (let piece = 0; piece < pieces; piece += 1) {
      this.come(channel);
      this.take(channel);
      vi.advanceTimersByTime((ROUND_TRIP_MS * PIECE.length) / this.#windowOf(channel));
    }
    return this.#windowOf(channel);
  }

  come(channel: ClientChannel): void {
    this.#hear(`data id=${channel.id} length=${PIECE.length}\n`);
    this.#client.receive(PIECE);
    this.#hear('\n');
  }

  take(channel: ClientChannel): void {
    for (const { length } of channel.take(Infinity)) channel.consumed(length);
    this.#listen();
  }

  end(channel: ClientChannel): void {
    this.#hear(`result id=${channel.id}\n`);
    this.#windows.delete(channel.id);
  }

  #hear(text: string): void {
    this.#client.receive(Buffer.from(text));
  }

  #windowOf({ id }: ClientChannel): number {
    return this.#windows.get(id) ?? 0;
  }

  #listen(): void {
    for (const line of says(this.#client)) {
      const [, id, window] = / id=(\d+) .*window=(\d+)/.exec(line) ?? [];
      if (window !== undefined) this.#windows.set(Number(id), Number(window));
    }
  }
}

describe('the window of a download', () => {
  it('grows up to its maximum when a quarter of it arrives in much less than a round trip', () => {
    const downloads = new Downloads();
    const channel = downloads.begin();
    expect(downloads.windowBytes).toBe(START_BYTES);
    expect(downloads.read(channel, 40)).toBe(MAX_WINDOW_BYTES);
  });

  it('has the size of the option when that is set', () => {
    const downloads = new Downloads(START_BYTES);
    expect(downloads.read(downloads.begin(), 40)).toBe(START_BYTES);
  });

  it('leaves room for others: all windows of a connection together have a maximum', () => {
    const downloads = new Downloads();
    const channels = Array.from({ length: 8 }, () => downloads.begin());
    for (let turn = 0; turn < 10; turn += 1) for (const channel of channels) downloads.read(channel, 4);
    const grown = downloads.windowBytes - channels.length * START_BYTES;
    expect(grown).toBeGreaterThan(MAX_GROWTH_BYTES * 0.9);
    expect(grown).toBeLessThanOrEqual(MAX_GROWTH_BYTES);
  });

  it('returns its growth when the download ends and all of it is read', () => {
    const downloads = new Downloads();
    for (let turn = 0; turn < 8; turn += 1) {
      const channel = downloads.begin();
      expect(downloads.read(channel, 40)).toBe(MAX_WINDOW_BYTES);
      downloads.come(channel);
      downloads.end(channel);
      if (turn % 2 === 0) downloads.take(channel);
      else channel.cancel();
    }
  });

  it('keeps its growth while a reader leaves bytes unread', () => {
    const downloads = new Downloads();
    const windows = Array.from({ length: 4 }, () => {
      const channel = downloads.begin();
      const bytes = downloads.read(channel, 40);
      downloads.come(channel);
      downloads.end(channel);
      return bytes;
    });
    expect(windows.reduce((sum, bytes) => sum + bytes - START_BYTES, 0)).toBeLessThanOrEqual(
      MAX_GROWTH_BYTES,
    );
  });
});

describe('the window of an upload', () => {
  it('grows as far as the server allows', () => {
    const pair = new Pair(builtinCodecs.text, settings);
    pair.client.request({ op: 'upload', path: 'x' }, 'nothing', { onClose: () => undefined });
    pair.exchange();
    const channel = pair.asked[0]!.channel;
    channel.accept({ window: START_BYTES }, (bytes) => Math.min(bytes, 5 * MIB));
    carry(pair.server, pair.client);
    vi.advanceTimersByTime(ROUND_TRIP_MS);
    const acks = Array.from({ length: 10 }, () => {
      const header = checkedLine(`data id=1 length=${PIECE.length}`);
      pair.server.receive(Buffer.from(`${header}\n${PIECE.toString()}\n`));
      for (const { length } of channel.take(Infinity)) channel.consumed(length);
      vi.advanceTimersByTime(ROUND_TRIP_MS / 8);
      return Number(/ window=(\d+)/.exec(says(pair.server)[0] ?? '')?.[1]) / MIB;
    });
    expect(acks).toEqual([2, 4, 4, 5, 5, 5, 5, 5, 5, 5]);
  });
});
