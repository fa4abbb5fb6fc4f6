/** Addresses of hosts as text. */
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

const MAPPED = '::ffff:';

/** An IPv4 address in IPv6 notation, as sockets for both families have it, becomes a plain one. */
export function plainAddress(address: string): string {
  const rest = address.toLowerCase().startsWith(MAPPED) ? address.slice(MAPPED.length) : '';
  return isIPv4(rest) ? rest : address;
}

/** Whether an address belongs to this host, so that datagrams to it do not leave the machine. */
export function isSameHost(address: string): boolean {
  const plain = plainAddress(address);
  if (plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'))) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((own) => own.address === plain));
}
