/** What a client does with the `goaway` frames of its server, and with codes that are none. */
import { describe, expect, it } from 'vitest';
import { TransferError } from '../../src/errors.js';
import { Pair, says } from '../support/doubles/sessions.js';

const WELCOME = 'welcome version=1 maxFrame=65536 maxChannels=64\n';

/** A client with requests on so many channels, and their outcomes. */
function clientWith(requests: number) {
  const pair = new Pair();
  const outcomes: unknown[] = [];
  for (let at = 0; at < requests; at++)
    pair.client.request({ op: 'stat' }, 'nothing', { onClose: (outcome) => (outcomes[at] = outcome) });
  says(pair.client);
  const hear = (...lines: string[]): void => {
    pair.client.receive(Buffer.from(lines.map((line) => `${line}\n`).join('')));
  };
  pair.client.receive(Buffer.from(WELCOME));
  return { pair, outcomes, hear };
}

describe('goaway', () => {
  it('is a violation with a higher lastId, because the requests above the earlier one may run elsewhere', () => {
    const { pair, outcomes, hear } = clientWith(2);
    hear('goaway lastId=1', 'goaway lastId=3');
    expect(pair.clientEnded?.error).toMatchObject({ code: 'EPROTO' });
    expect(outcomes).toMatchObject([{ code: 'EPROTO' }, { code: 'ESHUTDOWN' }]);
  });

  it('says why by its code and message', () => {
    const { outcomes, hear } = clientWith(2);
    hear('goaway lastId=1 code=EMAINTENANCE message=Back%20soon. retryAfter=5000');
    expect(outcomes[1]).toMatchObject({
      code: 'ESHUTDOWN',
      reason: 'The server closes the connection: Back soon.',
      retryAfterMs: 5_000,
      cause: { code: 'EMAINTENANCE' },
    });
  });

  it('lets no request start afterwards', async () => {
    const { pair, hear } = clientWith(1);
    hear('goaway lastId=1');
    const later = new Promise((resolve) =>
      pair.client.request({ op: 'stat' }, 'nothing', { onClose: resolve }),
    );
    await expect(later).resolves.toMatchObject({ code: 'ESHUTDOWN' });
    expect(says(pair.client)).toEqual([]);
  });
});

describe('a code that is none', () => {
  const codes = ['', 'not%20a%20code', '1E', '_E', 'E'.repeat(65), 'größe', 'E/X'];

  it.each(codes)(
    '%j in an error of a channel is EPROTO of the request, and the connection continues',
    (code) => {
      const { pair, outcomes, hear } = clientWith(2);
      hear(`error id=1 code=${code} retryable=true`, 'result id=3');
      expect(outcomes).toMatchObject([{ code: 'EPROTO', retryable: false }, { type: 'result' }]);
      expect(pair.clientEnded).toBeUndefined();
    },
  );

  it.each(codes)('%j in an error of the connection, or in goaway, is EPROTO', (code) => {
    for (const line of [`error code=${code}`, `goaway lastId=1 code=${code}`]) {
      const { pair, hear } = clientWith(1);
      hear(line);
      expect(pair.clientEnded?.error).toMatchObject({ code: 'EPROTO', retryable: false });
      expect(says(pair.client).at(-1)).toMatch(/^error code=EPROTO /);
    }
    const pair = new Pair();
    pair.server.receive(Buffer.from(`hello version=1\nerror code=${code}\n`));
    expect(pair.serverEnded?.error).toMatchObject({ code: 'EPROTO' });
  });

  it('is not one of 64 characters, nor one with digits, dots, hyphens and underscores', () => {
    for (const code of ['E'.repeat(64), 'a', 'My_own.code-2']) {
      const { outcomes, hear } = clientWith(1);
      hear(`error id=1 code=${code}`);
      expect(outcomes).toMatchObject([{ code }]);
    }
  });
});

describe('the message of an error', () => {
  it('is sent with at most 500 characters, cut between characters', () => {
    const pair = new Pair();
    pair.client.request({ op: 'stat' }, 'nothing', { onClose: (outcome) => (heard = outcome) });
    let heard: unknown;
    pair.exchange();
    const reason = '\u{1f4c4}'.repeat(600);
    pair.asked[0]?.channel.fail(new TransferError('EIO', reason));
    pair.exchange();
    expect(heard).toMatchObject({ code: 'EIO', reason: '\u{1f4c4}'.repeat(500) });
  });

  it('may be longer from another sender', () => {
    const { outcomes, hear } = clientWith(1);
    hear(`error id=1 code=EIO message=${'x'.repeat(10_000)}`);
    expect(outcomes).toMatchObject([{ code: 'EIO', reason: 'x'.repeat(500) }]);
  });
});
