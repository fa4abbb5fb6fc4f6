/** Damage to the name of `check` in the handshake does not turn the checks off. */
import { describe, expect, it } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import { Pair } from '../support/doubles/sessions.js';

describe.each(['text', 'json', 'xml'] as const)(
  'a handshake in %s that lost the name of its check',
  (name) => {
    const damaged = (bytes: readonly Uint8Array[]): Buffer =>
      Buffer.from(Buffer.concat(bytes).toString().replace('check', 'chdck'));

    it('of a hello serves no request', () => {
      const pair = new Pair(builtinCodecs[name]);
      pair.server.receive(damaged(pair.client.read(Infinity)));
      pair.exchange();
      let outcome: unknown;
      pair.client.request({ op: 'remove', path: 'a' }, 'nothing', {
        onClose: (result) => (outcome = result),
      });
      pair.exchange();
      expect(pair.asked).toEqual([]);
      expect(pair.serverEnded?.error).toMatchObject({ code: 'EBADMSG', retryable: true });
      expect(outcome).toMatchObject({ code: 'EBADMSG', retryable: true });
    });

    it('of a welcome gives no answer', () => {
      const pair = new Pair(builtinCodecs[name]);
      let outcome: unknown;
      pair.client.request({ op: 'stat', path: 'a' }, 'nothing', { onClose: (result) => (outcome = result) });
      for (const bytes of pair.client.read(Infinity)) pair.server.receive(Buffer.from(bytes));
      pair.client.receive(damaged(pair.server.read(Infinity)));
      pair.exchange();
      pair.asked[0]?.channel.finish({ path: 'a', kind: 'file', size: 1 });
      pair.exchange();
      expect(outcome).toMatchObject({ code: 'EBADMSG', retryable: true });
    });
  },
);
