/** The links on which transfers are measured, and how much is transferred. */
// @ts-check

/**
 * @typedef {object} MeasuredLink
 * @property {string} title
 * @property {import('./emulator/emulated-link.mjs').LinkOptions} options
 * @property {number} bytes
 */

const MB = 1e6;

/** @type {Record<string, MeasuredLink>} */
export const links = {
  a: { title: '100 Mbit/s, 20 ms', options: { rate: 100, delay: 10 }, bytes: 60 * MB },
  b: { title: '100 Mbit/s, 100 ms, 0.1 %', options: { rate: 100, delay: 50, loss: 0.1 }, bytes: 60 * MB },
  c: { title: '100 Mbit/s, 100 ms, 1 %', options: { rate: 100, delay: 50, loss: 1 }, bytes: 60 * MB },
  d: { title: '300 Mbit/s, 200 ms, 0.5 %', options: { rate: 300, delay: 100, loss: 0.5 }, bytes: 150 * MB },
  e: { title: '50 Mbit/s, 50 ms, 3 %', options: { rate: 50, delay: 25, loss: 3 }, bytes: 40 * MB },
  f: {
    title: '100 Mbit/s, 150 ms, queue of 64 KiB',
    options: { rate: 100, delay: 75, queue: 65_536 },
    bytes: 60 * MB,
  },
  g: { title: '100 Mbit/s, 100 ms', options: { rate: 100, delay: 50 }, bytes: 60 * MB },
  h: { title: '100 Mbit/s, 20 ms, 0.1 %', options: { rate: 100, delay: 10, loss: 0.1 }, bytes: 60 * MB },
};

/** Two flows share it: its queue holds what is on the way. @type {import('./emulator/emulated-link.mjs').LinkOptions} */
export const sharedLink = { rate: 100, delay: 20 };
