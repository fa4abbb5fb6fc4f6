import { describe, expect, it } from 'vitest';
import { isLoopback } from '../../../src/session/transport/is-loopback.js';

describe('isLoopback', () => {
  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '::1',
    '::1%lo',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::FFFF:127.8.9.10',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:7f12:3456',
  ])('is true for %s', (address) => {
    expect(isLoopback(address)).toBe(true);
  });

  it.each([
    '126.255.255.255',
    '128.0.0.1',
    '10.127.0.1',
    '::ffff:128.0.0.1',
    '::ffff:7e00:1',
    // Only ::ffff:0:0/96 maps IPv4 addresses.
    '::127.0.0.1',
    '7f00::1',
    '::',
    '::2',
    'fe80::1%lo',
  ])('is false for %s', (address) => {
    expect(isLoopback(address)).toBe(false);
  });

  it.each(['127.example.com', '::ffff:127.example.com', '127.0.0.256', 'localhost', 'unknown', ''])(
    'is false for %j, which is not an IP address',
    (address) => {
      expect(isLoopback(address)).toBe(false);
    },
  );
});
