/** Loopback addresses, to and from which unencrypted credentials are allowed. */
import { BlockList, isIP } from 'node:net';

// A BlockList compares addresses in any spelling, and matches IPv4-mapped IPv6 addresses by its IPv4 rules.
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether an IP address is 127.0.0.0/8, also IPv4-mapped, or ::1. False for a host name. */
export function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
