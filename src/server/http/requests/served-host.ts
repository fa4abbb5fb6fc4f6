/**
 * Checks the header Host. A page of another site can give its name the address of this server (DNS rebinding): then a browser
 * takes both for one origin, and the header still has the name of the other site.
 */
import { isIP, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isLoopback } from '../../../session/transport/is-loopback.js';

/** Whether a request for this host is answered. */
export function isServedHost(
  header: string | undefined,
  hosts: ReadonlySet<string> | undefined,
  duplex: Duplex,
): boolean {
  const name = hostName(header);
  if (name === undefined) return header === undefined && !isAtLoopback(duplex) && hosts === undefined;
  if (hosts?.has(name)) return true;
  if (isAtLoopback(duplex)) return isLoopbackName(name);
  return hosts === undefined;
}

/** The name or address of a Host header, in lower case and without a port; undefined if it is none. */
function hostName(header: string | undefined): string | undefined {
  const [, name] = /^([a-z\d._-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.exec(header ?? '') ?? [];
  return name?.toLowerCase().replace(/\.$/, '');
}

function isAtLoopback(duplex: Duplex): boolean {
  const address = duplex instanceof Socket ? duplex.localAddress : undefined;
  return address !== undefined && isLoopback(address);
}

function isLoopbackName(name: string): boolean {
  const address = name.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 ? name === 'localhost' || name.endsWith('.localhost') : isLoopback(address);
}
