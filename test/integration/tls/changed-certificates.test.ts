/** A certificate, or the authorities of clients, that change while the server runs. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { FileServer, MemoryStorage } from '../../../src/index.js';
import { Authority, selfSigned, type Certificate } from '../../support/servers/certificates.js';
import { authority, certificate, serveSecured, tlsSocket, trusting } from '../../support/servers/secured.js';
import { serveFiles } from '../../support/servers/serve.js';

const renewed = authority.issue('renewed');

/** The name in the certificate of a server. */
async function nameAt(port: number): Promise<string> {
  const socket = tlsSocket(port);
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

describe('setSecureContext()', () => {
  it('gives new connections the new certificate, while others continue', async () => {
    const { server, port, connect } = await serveSecured();
    const client = connect({ tls: trusting });
    const losses: unknown[] = [];
    client.on('disconnect', (error) => void losses.push(error));
    await client.writeFile('a', 'before');
    expect(await nameAt(port)).toBe('server');
    server.setSecureContext(renewed);
    expect(await nameAt(port)).toBe('renewed');
    await expect(client.readFile('a', 'utf8')).resolves.toBe('before');
    expect(losses).toEqual([]);
    await expect(connect({ tls: trusting }).readFile('a', 'utf8')).resolves.toBe('before');
  });

  it('lets a handshake end that has begun before', async () => {
    const { server, port } = await serveSecured();
    const accepted = once(server, 'connection');
    const socket = tlsSocket(port);
    await accepted;
    server.setSecureContext(renewed);
    await once(socket, 'secureConnect');
    expect(['server', 'renewed']).toContain(socket.getPeerCertificate().subject.CN);
  });

  it('takes effect before listen(), too', async () => {
    const server = new FileServer({ storage: new MemoryStorage(), tls: certificate });
    server.setSecureContext(renewed);
    await server.listen(0);
    expect(await nameAt(server.port)).toBe('renewed');
    await server.close();
    expect(() => server.setSecureContext(renewed)).toThrow(expect.objectContaining({ code: 'ESHUTDOWN' }));
  });

  it.each<[string, Certificate]>([
    ['a key of another certificate', { ...renewed, key: certificate.key }],
    [
      'a certificate that is none',
      { ...renewed, cert: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
    ],
    ['a key that is none', { ...renewed, key: 'key' }],
  ])('rejects %s with EINVAL, and keeps the older certificate', async (_, wrong) => {
    const { server, port } = await serveSecured();
    let error: unknown;
    try {
      server.setSecureContext(wrong);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'EINVAL', name: 'TransferError', retryable: false });
    expect((error as Error).cause).toBeInstanceOf(Error);
    expect((error as Error).message).not.toContain('PRIVATE');
    expect(await nameAt(port)).toBe('server');
  });

  it('is a TypeError on a server without tls, and for a wrong argument', async () => {
    const { server } = await serveFiles();
    expect(() => server.setSecureContext(renewed)).toThrow(TypeError);
    const secured = await serveSecured();
    expect(() => secured.server.setSecureContext('cert' as unknown as object)).toThrow(TypeError);
    expect(() => secured.server.setSecureContext({ key: 7 as unknown as string, cert: '' })).toThrow(
      TypeError,
    );
  });
});

describe('clients with certificates', () => {
  const first = new Authority('first');
  const second = new Authority('second');
  const requiring = { ...certificate, requestCert: true, rejectUnauthorized: true };

  /** Connects, sends `hello`, and returns the answer, whether the session was resumed, and one to resume. */
  async function greet(port: number, options: ConnectionOptions) {
    const socket = tlsSocket(port, { maxVersion: 'TLSv1.2', ...options });
    let session: Buffer | undefined;
    socket.on('session', (given) => (session = given));
    await once(socket, 'secureConnect');
    socket.write('hello version=1\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    const result = { answer: answer.toString(), resumed: wasResumed(socket), session };
    socket.destroy();
    return result;
  }

  it.each([
    ['without ticket keys of the program', undefined],
    ['with the same ticket keys', randomBytes(48)],
  ])('are verified again when the authorities change, %s', async (_, ticketKeys) => {
    const tls = { ...requiring, ca: first.cert, ...(ticketKeys && { ticketKeys }) };
    const { server, port } = await serveSecured({ tls });
    const shown = first.issue('client');
    const { answer, session } = await greet(port, shown);
    expect(answer).toMatch(/^welcome /);
    const again = await greet(port, { ...shown, session });
    expect(again).toMatchObject({ resumed: true, answer: expect.stringMatching(/^welcome /) as string });
    server.setSecureContext({ ca: second.cert });
    const later = await greet(port, { ...shown, session });
    expect(later).toMatchObject({
      resumed: false,
      answer: expect.stringMatching(/^error code=EAUTH /) as string,
    });
    const other = await greet(port, second.issue('client'));
    expect(other.answer).toMatch(/^welcome /);
  });

  it('still need one after a change of the certificate of the server alone', async () => {
    const { server, port } = await serveSecured({ tls: { ...requiring, ca: first.cert } });
    server.setSecureContext(renewed);
    expect((await greet(port, first.issue('client'))).answer).toMatch(/^welcome /);
    expect((await greet(port, second.issue('client'))).answer).toMatch(/^error code=EAUTH /);
    expect((await greet(port, selfSigned('client'))).answer).toMatch(/^error code=EAUTH /);
    expect((await greet(port, {})).answer).toMatch(/^error code=EAUTH /);
  });

  it('resume their sessions after it if the program keeps the ticket keys', async () => {
    const ticketKeys = randomBytes(48);
    const { server, port } = await serveSecured({ tls: { ...requiring, ca: first.cert, ticketKeys } });
    const shown = first.issue('client');
    const { session } = await greet(port, shown);
    server.setSecureContext(renewed);
    expect(await greet(port, { ...shown, session })).toMatchObject({
      resumed: true,
      answer: expect.stringMatching(/^welcome /) as string,
    });
  });
});

function wasResumed(socket: TLSSocket): boolean {
  return socket.isSessionReused();
}
