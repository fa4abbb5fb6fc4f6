/** The options of the test kit: declared, defaulted and checked here. */
import { choiceOption, integerOption, MAX_TIMER_MS, rejectUnknownOptions } from '../options/option.js';
import type { FileClientOptions } from '../client/options.js';
import type { Identity } from '../server/identity.js';
import type { FileServerOptions } from '../server/options.js';

/** The way of the bytes that a wire treats badly. */
export type WireDirection = 'toServer' | 'toClient' | 'both';

/** Options of a wire. A fault that is not named does not happen. */
export interface FaultyWireOptions {
  /** Number of bytes in one direction after which the wire is cut: both ends fail with ECONNRESET. */
  cutAfterBytes?: number | undefined;
  /** Time in ms that each byte is on its way. */
  delayMs?: number | undefined;
  /** Largest piece in bytes. What is written arrives in pieces of 1 byte up to this size. */
  splitBytes?: number | undefined;
  /** Index of a byte, from 0, that arrives with one wrong bit. */
  flipByte?: number | undefined;
  /** Rate of the wire in bytes per second, in each direction. */
  bytesPerSecond?: number | undefined;
  /** Chooses the sizes of the pieces and the wrong bit. The same seed chooses the same. Default 1. */
  seed?: number | undefined;
  /** Direction of all faults; the other one is good. Default `'both'`: each direction counts its own bytes. */
  direction?: WireDirection | undefined;
}

/** The faults of one direction. */
export interface LaneFaults extends Omit<FaultyWireOptions, 'direction'> {
  readonly seed: number;
}

/** The options of a wire, checked and with defaults. */
export interface WireFaults extends LaneFaults {
  readonly direction: WireDirection;
}

/** The faults of each connection: the same for all, or by the number of the connection, from 1. */
export type WireOption = FaultyWireOptions | ((connection: number) => FaultyWireOptions | undefined);

/** Options of {@link testServer}: those of `FileServer`, and these. */
export interface TestServerOptions<
  IdentityType extends Identity = Identity,
> extends FileServerOptions<IdentityType> {
  /** Files by path, with their content. Directories are created. Excludes `storage` and `root`. Default: none. */
  files?: Readonly<Record<string, string | Uint8Array>> | undefined;
  /**
   * How clients connect: over `'tcp'`, to a free port of 127.0.0.1, or in `'memory'`, without a socket. Default `'tcp'`.
   */
  transport?: 'tcp' | 'memory' | undefined;
  /** Faults of the connections in memory. Default: none. */
  wire?: WireOption | undefined;
}

/** Options of {@link connectedPair}. */
export interface ConnectedPairOptions<IdentityType extends Identity = Identity> extends Pick<
  TestServerOptions,
  'files' | 'wire'
> {
  /** Options of the server. Default: files in memory. */
  server?: FileServerOptions<IdentityType> | undefined;
  /** Options of the client. */
  client?: FileClientOptions | undefined;
}

const WIRE_OPTION_NAMES = [
  'cutAfterBytes',
  'delayMs',
  'splitBytes',
  'flipByte',
  'bytesPerSecond',
  'seed',
  'direction',
];

/** Checks the options and adds the defaults. Throws a TypeError for a wrong option. */
export function wireFaults(options: FaultyWireOptions): WireFaults {
  rejectUnknownOptions('faultyWire', options, WIRE_OPTION_NAMES);
  return {
    cutAfterBytes: numberOf('cutAfterBytes', options.cutAfterBytes, 1),
    delayMs: numberOf('delayMs', options.delayMs, 1, MAX_TIMER_MS),
    splitBytes: numberOf('splitBytes', options.splitBytes, 1),
    flipByte: numberOf('flipByte', options.flipByte, 0),
    bytesPerSecond: numberOf('bytesPerSecond', options.bytesPerSecond, 1),
    seed: integerOption('seed', options.seed, { min: 0, default: 1 }),
    direction: choiceOption('direction', options.direction, {
      choices: ['toServer', 'toClient', 'both'],
      default: 'both',
    }),
  };
}

function numberOf(
  ...[name, value, min, max]: [string, number | undefined, number, number?]
): number | undefined {
  return value === undefined
    ? undefined
    : integerOption(name, value, { min, ...(max !== undefined && { max }), default: min });
}
