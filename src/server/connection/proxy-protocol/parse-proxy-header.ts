/** Parses the header of the PROXY protocol, in both of its versions. */
import { protocolError } from '../../../errors.js';
import type { ProxyHeader } from './header.js';
import { parseVersion1 } from './version1.js';
import { parseVersion2 } from './version2.js';

const FIRST_OF_VERSION_1 = 0x50;
const FIRST_OF_VERSION_2 = 0x0d;

/**
 * The header that the bytes begin with; undefined if more bytes are needed. Throws EPROTO as soon as no header can begin
 * like this.
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | undefined {
  switch (bytes[0]) {
    case undefined:
      return undefined;
    case FIRST_OF_VERSION_1:
      return parseVersion1(bytes);
    case FIRST_OF_VERSION_2:
      return parseVersion2(bytes);
    default:
      throw protocolError('The server expects the header of the PROXY protocol from this address.');
  }
}
