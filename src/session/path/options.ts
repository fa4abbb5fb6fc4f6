/** Checks of options of UDP paths, for both ends. */
import { integerOption } from '../../options/option.js';
import { MIN_DATAGRAM_BYTES } from '../../udp/datagram.js';

/** Bytes of the largest datagram: what the system sends at once on the same host. */
export const MAX_DATAGRAM_BYTES = 61_000;

const MIN_RATE = 1_000;

/** Checks an option that is a rate in bytes a second. `undefined`: no limit. */
export function rateOption(name: string, value: number | undefined): number | undefined {
  return value === undefined ? undefined : integerOption(name, value, { min: MIN_RATE, default: 0 });
}

/** Checks an option that is the size of datagrams. `undefined`: the handshake finds it. */
export function datagramSizeOption(value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  return integerOption('udp.datagramSize', value, {
    min: MIN_DATAGRAM_BYTES,
    max: MAX_DATAGRAM_BYTES,
    default: 0,
  });
}
