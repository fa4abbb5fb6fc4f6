/** The faults that a network injects into one connection. */

/** The way that bytes go. */
export type Direction = 'toServer' | 'toClient';

/** A place among the bytes of one direction. */
interface Place {
  readonly direction: Direction;
  /** Bytes that are carried before. */
  readonly afterBytes: number;
}

/** How a connection is cut: by RST for both ends; by FIN for both; or by FIN for the receiver of that direction only. */
export type CutKind = 'reset' | 'end' | 'half';

/** The end of a connection. */
export interface Cut extends Place {
  readonly by: CutKind;
}

/** One damaged byte. */
export interface Flip {
  readonly direction: Direction;
  /** Which byte of the direction, from 0. */
  readonly at: number;
  /** The bits that change, 1 to 255. */
  readonly bits: number;
}

/** All faults of one connection; an absent property injects none. */
export interface ConnectionFaults {
  /** The delay of every byte. */
  readonly latencyMs?: number | undefined;
  /** No more than so many bytes a second go either way. */
  readonly bytesPerSecond?: number | undefined;
  /** Input is forwarded in pieces of 1 to this number of bytes. */
  readonly sliceBytes?: number | undefined;
  readonly cut?: Cut | undefined;
  /** From here on nothing is carried in either direction, no end either, and both sockets stay open. */
  readonly silence?: Place | undefined;
  readonly flips?: readonly Flip[] | undefined;
}

/** The other way. */
export function opposite(direction: Direction): Direction {
  return direction === 'toServer' ? 'toClient' : 'toServer';
}
