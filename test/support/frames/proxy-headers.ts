/** Headers of the PROXY protocol, as proxies send them, and with parts that they never would. */

export const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

/** A header of version 1, without its PROXY and its end. */
export function version1(line: string): Buffer {
  return Buffer.from(`PROXY ${line}\r\n`, 'latin1');
}

export interface Version2 {
  /** Version and command. Default 0x21: PROXY. */
  readonly command?: number;
  /** Family and transport. Default 0x11: TCP over IPv4. */
  readonly family?: number;
  readonly addresses?: Buffer;
  /** The extensions. */
  readonly extensions?: Buffer;
  /** Default: the bytes that follow. */
  readonly length?: number;
}

/** A header of version 2. */
export function version2({ command = 0x21, family = 0x11, ...parts }: Version2): Buffer {
  const { addresses = Buffer.alloc(0), extensions = Buffer.alloc(0) } = parts;
  const { length = addresses.length + extensions.length } = parts;
  const fixed = Buffer.from([command, family, length >> 8, length & 0xff]);
  return Buffer.concat([SIGNATURE, fixed, addresses, extensions]);
}

/** The addresses of a header of version 2 over IPv4: from here to 192.0.2.1, port 2121. */
export function ipv4(address: string, port: number): Buffer {
  const bytes = Buffer.from([...address.split('.').map(Number), 192, 0, 2, 1, 0, 0, 0, 0]);
  bytes.writeUInt16BE(port, 8);
  bytes.writeUInt16BE(2121, 10);
  return bytes;
}

/** The addresses of a header of version 2 over IPv6, from 32 hexadecimal digits. */
export function ipv6(address: string, port: number): Buffer {
  const bytes = Buffer.concat([Buffer.from(address, 'hex'), Buffer.alloc(20)]);
  bytes.writeUInt16BE(port, 32);
  return bytes;
}

/** An extension of version 2: type, length, value. */
export function extension(type: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, value.length >> 8, value.length & 0xff]), value]);
}
