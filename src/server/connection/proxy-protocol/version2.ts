/**
 * Version 2 of the PROXY protocol, in binary.
 *
 *     signature (12) | version, command (1) | family, transport (1) | length (2) | addresses | extensions
 *
 * The extensions are skipped: the server needs the address only.
 */
import { protocolError } from '../../../errors.js';
import { MAX_PROXY_HEADER_BYTES, type ProxyHeader, type ProxySource } from './header.js';

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

const FIXED_BYTES = 16;

const VERSION = 2;
const COMMAND_LOCAL = 0;
const COMMAND_PROXY = 1;

const FAMILY_INET = 1;
const FAMILY_INET6 = 2;
const TRANSPORT_STREAM = 1;
const MAX_TRANSPORT = 2;

/** Bytes of the addresses of each family: unspecified, IPv4, IPv6, Unix. */
const ADDRESS_BYTES = [0, 12, 36, 216];

/** The header that the bytes begin with; undefined if they end before it does. Throws EPROTO if they begin with none. */
export function parseVersion2(bytes: Buffer): ProxyHeader | undefined {
  const known = Math.min(bytes.length, SIGNATURE.length);
  if (!bytes.subarray(0, known).equals(SIGNATURE.subarray(0, known))) throw malformed('signature');
  if (bytes.length < FIXED_BYTES) return undefined;
  const versionAndCommand = bytes.readUInt8(12);
  const command = versionAndCommand & 0x0f;
  const variableBytes = bytes.readUInt16BE(14);
  if (versionAndCommand >> 4 !== VERSION) throw malformed('version');
  if (command !== COMMAND_LOCAL && command !== COMMAND_PROXY) throw malformed('command');
  if (FIXED_BYTES + variableBytes > MAX_PROXY_HEADER_BYTES) throw malformed('length');
  if (command === COMMAND_PROXY) checkFamily(bytes.readUInt8(13), variableBytes);
  const length = FIXED_BYTES + variableBytes;
  if (bytes.length < length) return undefined;
  // The family of a LOCAL header has no meaning.
  return { length, source: command === COMMAND_PROXY ? sourceOf(bytes) : undefined };
}

function checkFamily(familyAndTransport: number, variableBytes: number): void {
  const addressBytes = ADDRESS_BYTES[familyAndTransport >> 4];
  const transport = familyAndTransport & 0x0f;
  if (addressBytes === undefined || transport > MAX_TRANSPORT) throw malformed('family');
  if (transport === TRANSPORT_STREAM && variableBytes < addressBytes) throw malformed('length');
}

/** Undefined for an address that is not of TCP. */
function sourceOf(bytes: Buffer): ProxySource | undefined {
  const familyAndTransport = bytes.readUInt8(13);
  if ((familyAndTransport & 0x0f) !== TRANSPORT_STREAM) return undefined;
  switch (familyAndTransport >> 4) {
    case FAMILY_INET:
      return { address: bytes.subarray(16, 20).join('.'), port: bytes.readUInt16BE(24) };
    case FAMILY_INET6:
      return { address: ipv6Of(bytes.subarray(16, 32)), port: bytes.readUInt16BE(48) };
    default:
      return undefined;
  }
}

function ipv6Of(bytes: Buffer): string {
  return Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16)).join(':');
}

function malformed(part: string): Error {
  return protocolError(`The header of version 2 of the PROXY protocol has a wrong ${part}.`);
}
