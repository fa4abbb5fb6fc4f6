/** The options of a server for bodies over UDP. */
import { flagOption, integerOption, rejectUnknownOptions } from '../../options/option.js';
import { DEFAULT_MAX_UDP_PATHS, DEFAULT_MAX_UDP_PATHS_PER_ADDRESS } from '../../protocol/limits.js';
import { datagramSizeOption, MAX_DATAGRAM_BYTES, rateOption } from '../../session/path/options.js';

/** How a server carries bodies over UDP. */
export interface ServerUdpOptions {
  /** First and last UDP port of the server. Each connection uses one. Default 49152 to 65535. */
  ports?: readonly [from: number, to: number] | undefined;
  /** Bytes a second of each connection and direction, at least 1,000. Default: only the limits of `bandwidth`. */
  maxRate?: number | undefined;
  /** Bytes of the largest datagram, 1,200 to 61,000. Default 61,000; beyond 1,472 only a client on the same host asks for it. */
  datagramSize?: number | undefined;
  /**
   * Accepts the datagrams of a client from another address than that of its connection, for networks with several public
   * addresses. Default false.
   */
  allowOtherAddresses?: boolean | undefined;
  /** Connections with a UDP path at once. Default 1,000. */
  maxPaths?: number | undefined;
  /** The same of one address. Default 16. */
  maxPathsPerAddress?: number | undefined;
}

export interface ServerUdpSettings {
  readonly ports: readonly [from: number, to: number] | undefined;
  readonly maxRate: number | undefined;
  readonly maxDatagram: number;
  readonly allowsOtherAddresses: boolean;
  readonly maxPaths: number;
  readonly maxPathsPerAddress: number;
}

const OPTION_NAMES = [
  'ports',
  'maxRate',
  'datagramSize',
  'allowOtherAddresses',
  'maxPaths',
  'maxPathsPerAddress',
];

/** The settings of the option `udp`; undefined if the server offers no UDP. Throws a TypeError for a wrong option. */
export function serverUdpSettings(option: boolean | ServerUdpOptions = false): ServerUdpSettings | undefined {
  if (option === false) return undefined;
  if (option !== true && (typeof option !== 'object' || option === null))
    throw new TypeError(`The option udp must be a boolean or an object, not ${String(option)}.`);
  const options = option === true ? {} : option;
  rejectUnknownOptions('udp', options, OPTION_NAMES);
  const { maxPaths, maxPathsPerAddress } = options;
  return {
    ports: portsOption(options.ports),
    maxRate: rateOption('udp.maxRate', options.maxRate),
    maxDatagram: datagramSizeOption(options.datagramSize) ?? MAX_DATAGRAM_BYTES,
    allowsOtherAddresses: flagOption('udp.allowOtherAddresses', options.allowOtherAddresses) ?? false,
    maxPaths: integerOption('udp.maxPaths', maxPaths, { min: 1, default: DEFAULT_MAX_UDP_PATHS }),
    maxPathsPerAddress: integerOption('udp.maxPathsPerAddress', maxPathsPerAddress, {
      min: 1,
      default: DEFAULT_MAX_UDP_PATHS_PER_ADDRESS,
    }),
  };
}

function portsOption(ports: readonly [number, number] | undefined): readonly [number, number] | undefined {
  if (ports === undefined) return undefined;
  if (!Array.isArray(ports) || ports.length !== 2)
    throw new TypeError('The option udp.ports must be the first and the last port, such as [50000, 50099].');
  const rule = { min: 1, max: 65_535, default: 0 };
  const [from, to] = [integerOption('udp.ports', ports[0], rule), integerOption('udp.ports', ports[1], rule)];
  if (from > to) throw new TypeError('The first of the option udp.ports must not be above the last.');
  return [from, to];
}
