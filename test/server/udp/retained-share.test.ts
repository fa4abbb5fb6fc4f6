import { describe, expect, it } from 'vitest';
import { serverUdpSettings } from '../../../src/server/udp/options.js';
import { MAX_RETAINED_UDP_BYTES, UdpPaths } from '../../../src/server/udp/udp-paths.js';
import type { RetainedShare } from '../../../src/server/udp/retained-share.js';

const MIB = 1024 * 1024;

function newPaths(): UdpPaths {
  const settings = serverUdpSettings(true);
  if (!settings) throw new Error('The server offers no UDP.');
  return new UdpPaths(settings);
}

/** Takes all that a path may have. Returns its bytes. */
function takeAll(share: RetainedShare): number {
  let bytes = 0;
  for (; share.left >= MIB; bytes += MIB) share.take(MIB);
  return bytes;
}

describe('the memory for datagrams that clients do not report', () => {
  it('is at most half of the whole for one address, however many paths it has', () => {
    const paths = newPaths();
    let bytes = 0;
    for (let number = 0; number < 16; number += 1) bytes += takeAll(paths.retainedBy('192.0.2.1'));
    expect(bytes).toBe(MAX_RETAINED_UDP_BYTES / 2);
  });

  it('is left to later addresses, and never more than the whole', () => {
    const paths = newPaths();
    const sizes = Array.from({ length: 100 }, (_, at) => takeAll(paths.retainedBy(`192.0.2.${at}`)));
    expect(sizes.slice(0, 30).every((bytes) => bytes >= MIB)).toBe(true);
    expect(sizes.reduce((sum, bytes) => sum + bytes)).toBeLessThanOrEqual(MAX_RETAINED_UDP_BYTES);
  });

  it('returns at the end of a path, once, and what is released later changes nothing', () => {
    const paths = newPaths();
    const [first, second] = [paths.retainedBy('192.0.2.1'), paths.retainedBy('192.0.2.1')];
    const { left } = second;
    takeAll(first);
    expect(second.left).toBeLessThan(MIB);
    first.release();
    first.release();
    first.take(-MIB);
    expect(second.left).toBe(left);
  });
});
