/** Which addresses stay within this machine: credentials may be sent to them unencrypted, and accepted from them. */
import { BlockList, isIP } from 'node:net';

// A BlockList compares addresses, not spellings, and finds an IPv4-mapped IPv6 address by its IPv4 rules.
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether an IP address is a loopback address: 127.0.0.0/8, also mapped to IPv6, or ::1. False for a host name. */
export function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
