/** Checks the chain, the time and the name of the certificate of a server. */
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from 'node:tls';
import type { DoctorReport } from '../doctor-report.js';
import type { ProbeTimes } from './first-bytes.js';
import type { ServerPlace } from './server-place.js';
import { tlsHandshake } from './tls-handshake.js';

const hints: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'Renew the certificate of the server.',
  CERT_NOT_YET_VALID: 'Check the clock of this machine, and when the certificate begins.',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'Get the certificate from the operator of the server, and trust it with --ca cert.pem.',
  SELF_SIGNED_CERT_IN_CHAIN: 'Trust the authority of the server with --ca authority.pem.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'The server does not send the certificates in between, or its authority is not known: use --ca authority.pem.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'Trust the authority of the server with --ca authority.pem.',
};

/** The code of a certificate with another name; the name is checked by itself. */
const NAME_CODE = 'ERR_TLS_CERT_ALTNAME_INVALID';

/** Whether a client would accept the certificate. */
export async function checkCertificate(
  report: DoctorReport,
  { place, trust }: { place: ServerPlace; trust: ConnectionOptions },
  times: ProbeTimes,
): Promise<boolean> {
  const socket = await tlsHandshake(place, times, trust);
  if (socket instanceof Error) {
    const hint = 'The server may require another version of TLS, or a client certificate: --client-cert.';
    report.failed({ check: 'TLS', message: `The handshake failed: ${socket.message}`, hint });
    return false;
  }
  const certificate = socket.getPeerCertificate();
  const code = String(socket.authorizationError ?? '');
  report.passed('TLS', `${socket.getProtocol() ?? 'TLS'}, ${socket.getCipher().name}`);
  socket.destroy();
  const isChainValid = checkChain(report, certificate, code);
  return checkName(report, certificate, place) && isChainValid;
}

function checkChain(report: DoctorReport, certificate: PeerCertificate, code: string): boolean {
  const validity = `valid from ${certificate.valid_from} to ${certificate.valid_to}`;
  if (code === '' || code === 'null' || code === NAME_CODE) {
    report.passed('certificate', `Trusted, ${validity}`);
    return true;
  }
  report.failed({
    check: 'certificate',
    message: `Not trusted: ${code}, ${validity}`,
    hint: hints[code] ?? 'Trust the authority of the server with --ca authority.pem.',
  });
  return false;
}

function checkName(report: DoctorReport, certificate: PeerCertificate, { host }: ServerPlace): boolean {
  const names = certificate.subjectaltname ?? certificate.subject.CN;
  if (checkServerIdentity(host, certificate) === undefined) {
    report.passed('host name', `The certificate is for ${host}`);
    return true;
  }
  report.failed({
    check: 'host name',
    message: `The certificate is not for ${host}, but for ${String(names)}`,
    hint: 'Write one of these names in the URL, or get a certificate for this one.',
  });
  return false;
}
