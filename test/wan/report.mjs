/** The figures of the measured links, as tables and against their bounds. */
// @ts-check
import {
  countsExtra,
  LEAST_OF_FIRST,
  leastOfBbr,
  leastOfCubic,
  MOST_EXTRA,
  MOST_LOST_SECONDS,
  shares,
} from './bounds.mjs';
import { links } from './links.mjs';
import { PACKET_PAYLOAD } from './measure.mjs';
import { extraShare, median } from './statistics.mjs';

/**
 * All that was measured.
 *
 * @typedef {object} Results
 * @property {Record<string, Record<string, import('./measure.mjs').Measured[]>>} links - by link and contender
 * @property {Record<string, number[]>} shares - of the second flow, by the pair
 * @property {{ tcp: number[], blocked: number[] } | undefined} blocked - seconds
 * @property {number[]} known - the rates of a second transfer as multiples of the first
 */

/** @param {Results} results */
export function printTables(results) {
  for (const [name, measured] of Object.entries(results.links)) printLink(name, measured);
  for (const [pair, values] of Object.entries(results.shares))
    console.log(`${pair}: share of the second ${values.map((value) => value.toFixed(2)).join(', ')}`);
  if (results.blocked) {
    const { tcp, blocked } = results.blocked;
    console.log(`UDP blocked: ${median(blocked).toFixed(2)} s, TCP alone ${median(tcp).toFixed(2)} s`);
  }
  if (results.known.length > 0)
    console.log(`second transfer to a known peer: ${median(results.known).toFixed(2)} of the first's rate`);
}

/** @type {(name: string, measured: Record<string, import('./measure.mjs').Measured[]>) => void} */
function printLink(name, measured) {
  console.log(`\n${name}  ${links[name]?.title}`);
  for (const [contender, transfers] of Object.entries(measured)) {
    const rates = transfers.map(({ mbit }) => mbit);
    const range = `${Math.min(...rates).toFixed(1)}-${Math.max(...rates).toFixed(1)}`;
    const extra = `${(100 * extraOf(transfers)).toFixed(1)} % extra packets`;
    const cpu = `${median(transfers.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2)} s CPU of the client`;
    const cut = transfers.every(({ complete }) => complete) ? '' : ', ended before its last byte';
    console.log(
      `  ${contender.padEnd(11)} ${median(rates).toFixed(2).padStart(7)} Mbit/s (${range}), ${extra}, ${cpu}${cut}`,
    );
  }
}

/** @param {readonly import('./measure.mjs').Measured[]} transfers */
function extraOf(transfers) {
  return median(transfers.map(({ packets, bytes }) => extraShare(packets, bytes, PACKET_PAYLOAD)));
}

/** What is below its bound. @param {Results} results @returns {string[]} */
export function missedBounds(results) {
  const missed = [];
  for (const [name, measured] of Object.entries(results.links)) missed.push(...missedOnLink(name, measured));
  for (const [pair, values] of Object.entries(results.shares)) {
    const [least = 0, most = 1] = pair === 'cubic, udp' ? shares.udpAfterCubic : shares.cubicAfterUdp;
    const share = median(values);
    if (pair !== 'cubic, cubic' && (share < least || share > most))
      missed.push(`${pair}: the second has ${share.toFixed(2)}, not ${least} to ${most}`);
  }
  if (results.blocked) {
    const lost = median(results.blocked.blocked) - median(results.blocked.tcp);
    if (lost > MOST_LOST_SECONDS) missed.push(`blocked UDP costs ${lost.toFixed(2)} s`);
  }
  const known = median(results.known);
  if (known < LEAST_OF_FIRST) missed.push(`a known peer: ${known.toFixed(2)} of the first's rate`);
  return missed;
}

/** @type {(name: string, measured: Record<string, import('./measure.mjs').Measured[]>) => string[]} */
function missedOnLink(name, { udp, cubic, bbr }) {
  if (!udp) return [];
  if (!udp.every(({ complete }) => complete)) return [`${name}: a transfer over UDP has not ended`];
  const missed = [];
  /** @type {(other: import('./measure.mjs').Measured[] | undefined, least: number | undefined, title: string) => void} */
  const compare = (other, least, title) => {
    if (!other || least === undefined) return;
    const ratio = median(udp.map(({ mbit }) => mbit)) / median(other.map(({ mbit }) => mbit));
    if (ratio < least) missed.push(`${name}: ${ratio.toFixed(2)} of ${title}, not ${least}`);
  };
  compare(cubic, leastOfCubic[name], 'CUBIC');
  compare(bbr, leastOfBbr[name], 'BBR');
  const extra = extraOf(udp);
  if (countsExtra.includes(name) && extra > MOST_EXTRA)
    missed.push(`${name}: ${(100 * extra).toFixed(1)} % extra packets`);
  return missed;
}
