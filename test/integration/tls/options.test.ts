/** Invalid TLS options: the constructor throws, not a later connection. */
import { describe, expect, it } from 'vitest';
import {
  FileClient,
  FileServer,
  type FileClientOptions,
  type FileServerOptions,
} from '../../../src/index.js';
import { Authority } from '../../support/servers/certificates.js';

const authority = new Authority();
const { key, cert } = authority.issue('server');
const other = authority.issue('other');

describe('the options of a server', () => {
  const wrong: [string, unknown, RegExp][] = [
    ['that is no object', true, /must be an object/],
    ['without a certificate', {}, /key and cert/],
    ['with a key only', { key }, /key and cert/],
    ['with a certificate that is none', { key, cert: 'nonsense' }, /option tls is invalid/],
    ['with the key of another certificate', { key: other.key, cert }, /option tls is invalid/],
    ['that asks for certificates of anybody', { key, cert, requestCert: true }, /ca with requestCert/],
  ];

  it.each(wrong)('reject tls %s', (_what, tls, message) => {
    const options = { tls } as FileServerOptions;
    expect(() => new FileServer(options)).toThrow(TypeError);
    expect(() => new FileServer(options)).toThrow(message);
  });

  it('do not show the key when the server is inspected', async () => {
    const { inspect } = await import('node:util');
    const server = new FileServer({ tls: { key, cert } });
    expect(inspect(server, { depth: 20, showHidden: true })).not.toContain('PRIVATE KEY');
    await server.close();
  });
});

describe('the options of a client', () => {
  const wrong: [string, unknown, RegExp][] = [
    ['tls that is a word', { tls: 'yes' }, /must be a boolean or an object of options/],
    [
      'tls beside connect',
      { tls: true, connect: () => undefined },
      /does not apply to a Duplex of the option connect/,
    ],
    ['a port in tls', { tls: { port: 2121 } }, /must not have port/],
    ['a host in tls', { tls: { host: 'localhost' } }, /must not have host/],
    ['a socket in tls', { tls: { socket: undefined } }, /must not have socket/],
    ['a certificate that is none', { tls: { key, cert: 'nonsense' } }, /option tls is invalid/],
    ['the key of another certificate', { tls: { key: other.key, cert } }, /option tls is invalid/],
  ];

  it.each(wrong)('reject %s', (_what, options, message) => {
    expect(() => new FileClient(options as FileClientOptions)).toThrow(TypeError);
    expect(() => new FileClient(options as FileClientOptions)).toThrow(message);
  });

  it('reject URLs other than tcp: and tls:', () => {
    expect(() => new FileClient('https://localhost:2121')).toThrow(/tcp:\/\/ or tls:\/\//);
  });

  it('accept tls with a host, with a path, and turned off with connect', async () => {
    const clients = [
      new FileClient({ host: 'localhost', tls: true }),
      new FileClient({ socketPath: '/nowhere', tls: { ca: authority.cert } }),
      new FileClient({ tls: false, connect: () => Promise.reject(new Error('no')) }),
      new FileClient('tls://ann:secret@[::1]:2121'),
    ];
    await Promise.all(clients.map((client) => client.close()));
  });
});
