/** The option `proxyProtocol`: which connections are those of a proxy. */
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { FileServer, type ProxyProtocolOptions } from '../../../../src/index.js';
import { NamedProxies } from '../../../../src/server/connection/proxy-protocol/named-proxies.js';

function socketFrom(remoteAddress: string | undefined, localAddress?: string): Socket {
  return Object.defineProperties(new Socket(), {
    remoteAddress: { value: remoteAddress },
    localAddress: { value: localAddress },
  });
}

describe('the named proxies', () => {
  const from = ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1', 'fe80::1'];

  it.each([
    '10.0.0.0',
    '10.255.255.255',
    '::ffff:10.1.2.3',
    '192.0.2.7',
    '2001:db8:1::1',
    '::1',
    'fe80::1%lo',
  ])('include %s', (address) => {
    expect(new NamedProxies(from).has(socketFrom(address, '192.0.2.1'))).toBe(true);
  });

  it.each(['11.0.0.0', '192.0.2.8', '127.0.0.1', '::ffff:11.0.0.1', '2001:db9::1', '::2'])(
    'do not include %s',
    (address) => {
      expect(new NamedProxies(from).has(socketFrom(address, '192.0.2.1'))).toBe(false);
    },
  );

  it('include Unix sockets only by their name, and never a connection of TCP that was reset', () => {
    expect(new NamedProxies(['unix']).has(socketFrom(undefined))).toBe(true);
    expect(new NamedProxies(['unix']).has(socketFrom(undefined, '127.0.0.1'))).toBe(false);
    expect(new NamedProxies(['unix']).has(socketFrom('127.0.0.1', '127.0.0.1'))).toBe(false);
    expect(new NamedProxies(from).has(socketFrom(undefined))).toBe(false);
  });
});

describe('the option proxyProtocol', () => {
  it.each([
    [{ from: [] }, 'at least one proxy'],
    [{ from: '10.0.0.0/8' }, 'at least one proxy'],
    [{}, 'at least one proxy'],
    [{ from: ['proxy.example.org'] }, 'not proxy.example.org'],
    [{ from: ['10.0.0.0/33'] }, 'not 10.0.0.0/33'],
    [{ from: ['::1/129'] }, 'not ::1/129'],
    [{ from: ['10.0.0.0/'] }, 'not 10.0.0.0/'],
    [{ from: ['10.0.0.0/8/8'] }, 'not 10.0.0.0/8/8'],
    [{ from: ['10.0.0.0/-1'] }, 'not 10.0.0.0/-1'],
    [{ from: ['fe80::1%lo'] }, 'not fe80::1%lo'],
    [{ from: [''] }, 'may contain'],
    [{ from: [7] }, 'not 7'],
    [{ from: ['::1'], version: 2 }, 'no option version'],
    [true, 'must be an object'],
  ])('%j is a TypeError', (option, message) => {
    const wrong = (): FileServer => new FileServer({ proxyProtocol: option as ProxyProtocolOptions });
    expect(wrong).toThrow(TypeError);
    expect(wrong).toThrow(message);
  });
});
