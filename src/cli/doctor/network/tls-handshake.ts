/** Makes a TLS handshake with whatever certificate the server has. */
import { isIP } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { ProbeTimes } from './first-bytes.js';
import type { ServerPlace } from './server-place.js';

/** Resolves with the socket after the handshake, or with the error. The caller destroys the socket. */
export async function tlsHandshake(
  { where, host }: ServerPlace,
  { answerMs, signal }: ProbeTimes,
  trust: ConnectionOptions = {},
): Promise<TLSSocket | Error> {
  signal.throwIfAborted();
  const socket = connect({
    ...where,
    ...(isIP(host) === 0 && host !== '' && { servername: host }),
    ALPNProtocols: ['socket-ftp'],
    ...trust,
    // Nothing secret is sent: the certificate is looked at.
    rejectUnauthorized: false,
  });
  const destroy = (): void => void socket.destroy(new Error('Interrupted'));
  signal.addEventListener('abort', destroy);
  const timer = setTimeout(() => socket.destroy(new Error(`No answer within ${answerMs} ms`)), answerMs);
  const outcome = await new Promise<TLSSocket | Error>((resolve) => {
    socket.once('secureConnect', () => resolve(socket));
    socket.on('error', resolve);
    socket.once('close', () => resolve(new Error('The server has closed the connection')));
  });
  clearTimeout(timer);
  signal.removeEventListener('abort', destroy);
  signal.throwIfAborted();
  return outcome;
}

/** Offered where any program may listen: a web server breaks off if it knows none of them. */
export const anyProtocol: ConnectionOptions = { ALPNProtocols: ['socket-ftp', 'http/1.1'] };

/** Whether the program makes a TLS handshake. */
export async function tlsAnswers(place: ServerPlace, times: ProbeTimes): Promise<boolean> {
  const outcome = await tlsHandshake(place, times, anyProtocol);
  if (outcome instanceof Error) return false;
  outcome.destroy();
  return true;
}
