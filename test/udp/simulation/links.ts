/** The links on which the rules were measured with real sockets, and the rate that they reached there in Mbit/s. */
import type { LinkSettings } from './link.js';

export interface NamedLink {
  readonly name: string;
  readonly link: LinkSettings;
  readonly megabytes: number;
  readonly measured: number;
  /** Datagrams that are sent again, as a part of the others. */
  readonly maxExtra: number;
}

export const links: readonly NamedLink[] = [
  { name: 'a', link: { mbitPerSecond: 100, rttMs: 20 }, megabytes: 60, measured: 93.5, maxExtra: 0.03 },
  {
    name: 'b',
    link: { mbitPerSecond: 100, rttMs: 100, loss: 0.001 },
    megabytes: 60,
    measured: 81.7,
    maxExtra: 0.06,
  },
  {
    name: 'c',
    link: { mbitPerSecond: 100, rttMs: 100, loss: 0.01 },
    megabytes: 60,
    measured: 80.1,
    maxExtra: 0.06,
  },
  {
    name: 'd',
    link: { mbitPerSecond: 300, rttMs: 200, loss: 0.005 },
    megabytes: 150,
    measured: 187,
    maxExtra: 0.08,
  },
  {
    name: 'e',
    link: { mbitPerSecond: 50, rttMs: 50, loss: 0.03 },
    megabytes: 40,
    measured: 43.2,
    maxExtra: 0.06,
  },
  {
    name: 'f',
    link: { mbitPerSecond: 100, rttMs: 150, queueBytes: 65_536 },
    megabytes: 60,
    measured: 69.8,
    maxExtra: 0.1,
  },
  { name: 'g', link: { mbitPerSecond: 100, rttMs: 100 }, megabytes: 60, measured: 83.3, maxExtra: 0.06 },
  {
    name: 'h',
    link: { mbitPerSecond: 100, rttMs: 20, loss: 0.001 },
    megabytes: 60,
    measured: 93.3,
    maxExtra: 0.03,
  },
];
