/**
 * Version 1 of the PROXY protocol: one line of ASCII.
 *
 *     PROXY TCP4 203.0.113.7 192.0.2.1 56324 2121 CR LF
 */
import { isIPv4, isIPv6 } from 'node:net';
import { protocolError } from '../../../errors.js';
import type { ProxyHeader, ProxySource } from './header.js';

/** The longest line, with its end. */
const MAX_LINE_BYTES = 107;

const PREFIX = 'PROXY ';

const families: Readonly<Record<string, (address: string) => boolean>> = {
  TCP4: isIPv4,
  // A zone has a meaning on one machine only.
  TCP6: (address) => isIPv6(address) && !address.includes('%'),
};

/** The header that the bytes begin with; undefined if they end before it does. Throws EPROTO if they begin with none. */
export function parseVersion1(bytes: Buffer): ProxyHeader | undefined {
  const text = bytes.toString('latin1', 0, MAX_LINE_BYTES);
  if (!text.startsWith(PREFIX.slice(0, text.length))) throw malformed();
  const end = text.search(/[\r\n]/);
  const isComplete = end >= 0 && text.startsWith('\r\n', end);
  if (isComplete) return { length: end + 2, source: sourceOf(text.slice(PREFIX.length, end)) };
  // A CR may be the first half of the end.
  const mayContinue = end < 0 || (text[end] === '\r' && end === text.length - 1);
  if (!mayContinue || text.length === MAX_LINE_BYTES) throw malformed();
  return undefined;
}

function sourceOf(line: string): ProxySource | undefined {
  const [family = '', address = '', destination = '', port = '', destinationPort = '', ...rest] =
    line.split(' ');
  if (family === 'UNKNOWN') return undefined;
  const isAddress = Object.hasOwn(families, family) ? families[family] : undefined;
  const isValid =
    isAddress?.(address) === true &&
    isAddress(destination) &&
    isPort(port) &&
    isPort(destinationPort) &&
    rest.length === 0;
  if (!isValid) throw malformed();
  return { address, port: Number(port) };
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

function malformed(): Error {
  return protocolError('The first line is not a header of version 1 of the PROXY protocol.');
}
