/** The options of a client for bodies over UDP. */
import { choiceOption, rejectUnknownOptions } from '../../options/option.js';
import { PeersMemory } from '../../udp-path/peers-memory.js';
import { datagramSizeOption, rateOption } from '../../session/path/options.js';

/** The way of large files: `'auto'` chooses UDP where it may be faster. */
export type TransportName = 'tcp' | 'udp' | 'auto';

/** How bodies travel over UDP. */
export interface ClientUdpOptions {
  /** Bytes a second that the client sends, and that the server may send to it, at least 1,000. Default: no limit. */
  maxRate?: number | undefined;
  /**
   * Bytes of a UDP datagram, 1,200 to 61,000, for a network whose frames are larger than usual. Default: the largest of
   * 1,200, 1,372, 1,452 and 1,472 that arrives; 61,000 on the same host.
   */
  datagramSize?: number | undefined;
}

export interface ClientUdpSettings {
  readonly transport: TransportName;
  readonly maxRate: number | undefined;
  readonly datagramSize: number | undefined;
  /** What the client knows of the paths to other hosts. */
  readonly memory: PeersMemory;
}

export const clientUdpOptionNames = ['transport', 'udp'];

/** Throws a TypeError for a wrong option. */
export function clientUdpSettings(options: {
  transport?: TransportName | undefined;
  udp?: ClientUdpOptions | undefined;
}): ClientUdpSettings {
  const { udp = {} } = options;
  rejectUnknownOptions('udp', udp, ['maxRate', 'datagramSize']);
  return {
    transport: choiceOption('transport', options.transport, {
      choices: ['tcp', 'udp', 'auto'],
      default: 'tcp',
    }),
    maxRate: rateOption('udp.maxRate', udp.maxRate),
    datagramSize: datagramSizeOption(udp.datagramSize),
    memory: new PeersMemory(),
  };
}
