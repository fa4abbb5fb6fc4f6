/** What a server says when it closes, and what its client makes of it, without a connection. */
import { describe, expect, it } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import type { TransferError } from '../../src/errors.js';
import type { Frame } from '../../src/protocol/frames.js';
import { ClientSession } from '../../src/session/client-session.js';
import { ServerSession } from '../../src/session/server-session.js';
import { carry, Pair, says, settings } from '../support/doubles/sessions.js';

describe.each(Object.values(builtinCodecs))('goaway in $name', (codec) => {
  /** A client that has greeted and asked for three things, what it was told, and its outcomes by request. */
  function asking() {
    const goaways: TransferError[] = [];
    const outcomes = new Map<number, unknown>();
    let ended = false;
    const client = new ClientSession(codec, settings, {
      onGoaway: (error) => void goaways.push(error),
      onEnd: () => (ended = true),
    });
    const receive = (frame: Frame): void => client.receive(Buffer.from(codec.encode(frame)));
    client.read(65_536);
    receive({ type: 'welcome', version: 1, maxFrame: 65_536, maxChannels: 64 });
    for (const number of [1, 2, 3]) {
      client.request({ op: 'stat' }, 'nothing', {
        onClose: (outcome) => outcomes.set(number, outcome),
      });
    }
    return { client, goaways, outcomes, receive, hasEnded: () => ended };
  }

  it('fails only the requests above lastId, and says when to return and why', () => {
    const { goaways, outcomes, receive } = asking();
    receive({ type: 'goaway', lastId: 3, code: 'EAGAIN', message: 'Update.', retryAfter: 1_500 });
    expect([...outcomes.keys()]).toEqual([3]);
    const expected = {
      code: 'ESHUTDOWN',
      retryable: true,
      outcomeUnknown: false,
      retryAfterMs: 1_500,
      cause: { code: 'EAGAIN', reason: 'Update.' },
    };
    expect(outcomes.get(3)).toMatchObject(expected);
    expect(goaways).toMatchObject([expected]);
  });

  it('may come again with a lower lastId and another time', () => {
    const { goaways, outcomes, receive, hasEnded } = asking();
    receive({ type: 'goaway', lastId: 5 });
    expect(outcomes.size).toBe(0);
    receive({ type: 'goaway', lastId: 1, retryAfter: 200 });
    expect([...outcomes.keys()]).toEqual([2, 3]);
    expect(goaways.map(({ retryAfterMs }) => retryAfterMs)).toEqual([undefined, 200]);
    expect(hasEnded()).toBe(false);
    receive({ type: 'result', id: 1, kind: 'directory', mtime: 1 });
    expect(outcomes.get(1)).toMatchObject({ type: 'result' });
    expect(hasEnded()).toBe(true);
  });

  it('delays a client by a minute at most', () => {
    const { goaways, receive } = asking();
    receive({ type: 'goaway', lastId: 0, retryAfter: Number.MAX_SAFE_INTEGER });
    expect(goaways).toMatchObject([{ retryAfterMs: 60_000 }]);
  });
});

describe('a server session that drains', () => {
  it('sends one goaway, with the time that it was given', () => {
    const pair = new Pair();
    pair.client.request({ op: 'stat' }, 'nothing', { onClose: () => undefined });
    pair.exchange();
    pair.server.drain(1_234);
    pair.server.drain(99);
    const lines = says(pair.server).filter((line) => line.startsWith('goaway'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^goaway lastId=1 code=ESHUTDOWN message=The%20server%20is%20closing. retryAfter=1234 check=\d+$/,
    );
  });

  it('sends no time if it has none', () => {
    const pair = new Pair();
    pair.exchange();
    pair.server.drain();
    expect(says(pair.server).join()).toMatch(/^goaway lastId=0 code=ESHUTDOWN message=[^ ]* check=\d+$/);
  });

  it('tells a client whose login is being checked when to return', () => {
    let ended: TransferError | undefined;
    const client = new ClientSession(builtinCodecs.text, settings, { onEnd: (error) => (ended = error) });
    const server = new ServerSession(() => builtinCodecs.text, settings, {
      unknownCodecReply: () => Buffer.from(''),
      onRequest: () => undefined,
      onHello: () => new Promise(() => undefined),
    });
    carry(client, server);
    server.drain(700);
    carry(server, client);
    expect(ended).toMatchObject({ code: 'ESHUTDOWN', retryAfterMs: 700 });
  });
});
