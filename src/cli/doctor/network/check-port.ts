/** Checks the port, and which program listens there. */
import type { RemoteUrl } from '../../url/remote-url.js';
import type { DoctorReport, Finding } from '../doctor-report.js';
import { answer, firstBytes, type ProbeTimes, type Reached } from './first-bytes.js';
import { recogniseService, type Service } from './recognise-service.js';
import type { ServerPlace } from './server-place.js';
import { anyProtocol, tlsAnswers, tlsHandshake } from './tls-handshake.js';

/** Whether it makes sense to go on. */
export async function checkPort(
  report: DoctorReport,
  { place, url }: { place: ServerPlace; url: RemoteUrl },
  times: ProbeTimes,
): Promise<boolean> {
  const reached = await firstBytes(place.where, times);
  if ('error' in reached) {
    report.failed(portFailure(reached.error, place.name));
    return false;
  }
  report.passed('port', `${place.name} accepts connections, within ${reached.connectMs.toFixed(1)} ms`);
  const service = await serviceOf(reached, place, times);
  const failure = serviceFailure(service, reached, url) ?? (await failureInTls(place, url, times));
  if (failure) {
    report.failed(failure);
    return false;
  }
  report.passed('program', `The first bytes are those of ${service ?? 'a server'}`);
  return true;
}

/** A TLS server may close without a word when it reads something else. */
async function serviceOf(
  { firstBytes: bytes }: Extract<Reached, { firstBytes: Buffer }>,
  place: ServerPlace,
  times: ProbeTimes,
): Promise<Service | undefined> {
  if (bytes.length > 0) return recogniseService(bytes);
  return (await tlsAnswers(place, times)) ? 'TLS' : undefined;
}

/** Behind the handshake there may be any program, such as a web server. What does not answer is left to the login. */
async function failureInTls(
  place: ServerPlace,
  { scheme }: RemoteUrl,
  times: ProbeTimes,
): Promise<Finding | undefined> {
  if (scheme !== 'socket-ftps') return undefined;
  const socket = await tlsHandshake(place, times, anyProtocol);
  if (socket instanceof Error) return undefined;
  const { firstBytes: bytes } = await answer(socket, times.answerMs);
  socket.destroy();
  const service = recogniseService(bytes);
  return service === undefined || service === 'socket-ftp' ? undefined : otherService(`${service} with TLS`);
}

const portHints: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Start the server, or write its port in the URL: socket-ftp://host:port.',
  ETIMEDOUT: 'The machine is off, or a firewall drops the packets. Check the address and the firewall.',
  EHOSTUNREACH: 'There is no way to this machine. Check the address and your network.',
  ENETUNREACH: 'There is no way to this network. Check your network, or use another address.',
  ENOENT: 'There is no such Unix socket. Check the path, and whether the server runs.',
  EACCES: 'You must not use this Unix socket. Check its permissions.',
};

function portFailure(error: NodeJS.ErrnoException, name: string): Finding {
  const { code = '' } = error;
  const what = code === 'ECONNREFUSED' ? 'Nothing listens on' : 'There is no connection to';
  return {
    check: 'port',
    message: `${what} ${name}: ${code}`,
    hint: portHints[code] ?? 'Check the address and the port in the URL.',
  };
}

function serviceFailure(
  service: Service | undefined,
  { firstBytes: bytes, isClosed }: Extract<Reached, { firstBytes: Buffer }>,
  { scheme }: RemoteUrl,
): Finding | undefined {
  const isTls = service === 'TLS' || service === 'socket-ftp with TLS';
  if (scheme === 'socket-ftps' ? isTls : service === 'socket-ftp') return undefined;
  if (isTls) return finding('The server expects TLS', 'Write socket-ftps:// in the URL.');
  if (service === 'socket-ftp')
    return finding(
      'The server is socket-ftp, without TLS',
      'Write socket-ftp:// in the URL, or give the server --cert and --key.',
    );
  if (service !== undefined) return otherService(service);
  if (bytes.length > 0) {
    return finding(
      `The program is not known. It says: ${shown(bytes)}`,
      'Write the port of the socket-ftp server in the URL.',
    );
  }
  return isClosed
    ? finding(
        'The program closes the connection without an answer',
        'A proxy may have no server behind it, or the server refuses your address.',
      )
    : finding(
        'The program accepts the connection and says nothing',
        'It is no socket-ftp server, or it hangs. Check the port, and restart the server.',
      );
}

function otherService(service: string): Finding {
  const hint = 'Write the port of the socket-ftp server in the URL; serve shows it.';
  const throughSsh =
    " Or go through SSH, with --exec 'ssh host socket-ftp serve --stdio' and socket-ftp:///path.";
  return finding(
    `This is a server of ${service}, not of socket-ftp`,
    service === 'SSH' ? hint + throughSsh : hint,
  );
}

function finding(message: string, hint: string): Finding {
  return { check: 'program', message, hint };
}

/** Characters of an unknown answer that are shown. */
const SHOWN_CHARACTERS = 60;

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1').slice(0, SHOWN_CHARACTERS));
}
