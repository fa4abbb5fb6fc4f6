import { describe, expect, it } from 'vitest';
import { codecNames } from '../../abuse/wire/frames/loose-frame.js';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import { Pair } from '../../support/doubles/sessions.js';

const GAPS = Array.from({ length: 1_024 }, () => '1').join(' ');

describe.each(codecNames)('in %s', (codec) => {
  it('a session wants no reports of datagrams while its peer does not read, and again when it does', () => {
    const pair = new Pair(builtinCodecs[codec]);
    pair.exchange();
    const { server } = pair;
    let reports = 0;
    for (; server.canReport; reports += 1) {
      const numbers = { resolvedTo: 9_999, bytes: 9_999, lastArrival: 1, lastSendTime: 1, hold: 1 };
      server.sendFrame({ type: 'receiver-report', id: 1, ...numbers, minDelay: 1, gaps: GAPS });
    }
    // 64 KiB of reports with 2 to 4 KiB each.
    expect(reports).toBeGreaterThan(10);
    expect(reports).toBeLessThan(40);
    server.read(1);
    expect(server.canReport).toBe(true);
  });
});
