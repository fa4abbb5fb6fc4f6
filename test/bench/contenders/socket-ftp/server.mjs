/** A server with its defaults, except that it flushes nothing to disk unless it is asked. */
// @ts-check
import { FileServer } from 'socket-ftp';
import { serving } from '../serving.mjs';
import { told } from '../told.mjs';
import { makeCertificate } from './certificate.mjs';

/** All connections come from one address here, and more of them than one address is expected to have. */
const limits = { maxConnectionsPerAddress: 10_000 };

const { root, tls: isSecured = false } = /** @type {import('../told.mjs').ServerArgs & { tls?: boolean }} */ (
  told
);
const certificate = isSecured ? await makeCertificate() : undefined;
const tls = certificate && { tls: certificate };
const server = new FileServer({ root, flush: false, limits, ...tls }).method('empty', () => undefined);
await server.listen(0);

serving({ port: server.port, ca: certificate?.cert }, () => server.close({ graceMs: 0 }));
