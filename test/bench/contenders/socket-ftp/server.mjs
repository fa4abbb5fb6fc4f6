/** A server that serves the folder twice: with and without fsync at the commit of an upload. */
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
const fast = await new FileServer({ root, flush: false, limits, ...tls }).listen(0);
const durable = await new FileServer({ root, flush: true, limits, ...tls }).listen(0);
for (const server of [fast, durable]) server.method('empty', () => undefined);

serving({ fast: fast.port, durable: durable.port, ca: certificate?.cert }, () =>
  Promise.all([fast.close({ graceMs: 0 }), durable.close({ graceMs: 0 })]),
);
