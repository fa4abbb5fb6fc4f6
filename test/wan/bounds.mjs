/** What the bodies of transfers over UDP must reach. */
// @ts-check

/** The least speed over UDP as a multiple of TCP with CUBIC, by the link. @type {Record<string, number>} */
export const leastOfCubic = { a: 0.85, b: 5, c: 20, d: 20, e: 15, f: 3, g: 0.85, h: 3 };

/** The least speed over UDP as a multiple of TCP with BBR, by the link. @type {Record<string, number>} */
export const leastOfBbr = { d: 2.5 };

/** The most packets beyond those that the bytes need, as a share. */
export const MOST_EXTRA = 0.08;

/** The links on which extra packets count. */
export const countsExtra = ['a', 'b', 'c', 'd', 'e'];

/** The share of a flow that begins second. */
export const shares = { udpAfterCubic: [0.25, 0.8], cubicAfterUdp: [0.15, 1] };

/** Seconds that a blocked UDP may cost. */
export const MOST_LOST_SECONDS = 2;

/** The least rate of a second transfer to a known peer, as a multiple of the first. */
export const LEAST_OF_FIRST = 1.5;
