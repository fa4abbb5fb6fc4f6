/**
 * Measures transfers over long and lossy links, which are emulated on this machine: npm run bench:wan. Each transfer counts
 * from `connect()` to the verified file. The contenders of a round run one after the other, with the same losses.
 */
// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { missingForLinks } from './emulator/emulated-link.mjs';
import { shareOfSecond } from './fairness.mjs';
import { links } from './links.mjs';
import { measure, Workspace } from './measure.mjs';
import { contenders, readOptions, USAGE } from './options.mjs';
import { missedBounds, printTables } from './report.mjs';

/** @typedef {import('./emulator/emulated-link.mjs').EmulatedLink} EmulatedLink */

const options = readOptions(process.argv.slice(2));
const missing = missingForLinks();
if (options === 'help') console.log(USAGE);
else if (missing !== undefined) {
  console.error(`Links cannot be emulated here: ${missing} is missing.`);
  process.exitCode = 1;
} else await main(options);

/** @param {import('./options.mjs').Options} chosen */
async function main(chosen) {
  const workspace = new Workspace();
  /** @type {EmulatedLink | undefined} */
  let current;
  const onLink = (/** @type {EmulatedLink} */ link) => (current = link);
  const stop = () => {
    current?.removeNow();
    workspace.remove();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const results = await measureAll({ chosen, workspace, onLink });
    printTables(results);
    if (chosen.json !== undefined) writeFileSync(chosen.json, jsonOf(results));
    const missed = chosen.gate ? missedBounds(results) : [];
    for (const line of missed) console.error(`Below its bound: ${line}.`);
    if (missed.length > 0) process.exitCode = 1;
  } finally {
    workspace.remove();
  }
}

/**
 * What a part of the measurement needs.
 *
 * @typedef {{ chosen: import('./options.mjs').Options, workspace: Workspace, onLink: (link: EmulatedLink) => void }} Run
 */

/** @param {Run} run @returns {Promise<import('./report.mjs').Results>} */
async function measureAll(run) {
  const { parts } = run.chosen;
  return {
    links: parts.includes('links') ? await measureLinks(run) : {},
    shares: parts.includes('fairness') ? await measureShares(run) : {},
    blocked: parts.includes('blocked') ? await measureBlocked(run) : undefined,
    known: parts.includes('known') ? await measureKnown(run) : [],
  };
}

/** @param {Run} run */
async function measureLinks({ chosen, workspace, onLink }) {
  /** @type {import('./report.mjs').Results['links']} */
  const results = {};
  const available = chosen.contenders.filter(isAvailable);
  for (const name of chosen.links)
    for (let round = 1; round <= chosen.rounds; round++)
      for (const contender of available) {
        const link = links[name];
        const how = contenders[contender];
        if (!link || !how) continue;
        const bytes = Math.round((link.bytes * chosen.size) / 100);
        const maxSeconds = how.transport === 'udp' ? 120 : chosen.maxSeconds;
        const common = { bytes, direction: chosen.direction, maxSeconds, onLink };
        const transfers = await measure(workspace, how, {
          ...common,
          link: { ...link.options, seed: round },
        });
        for (const { mbit, error } of transfers)
          console.log(`${name} ${round} ${contender}: ${mbit.toFixed(2)} Mbit/s ${error ?? ''}`);
        ((results[name] ??= {})[contender] ??= []).push(...transfers);
      }
  return results;
}

/** Whether this system has the congestion control of a contender. @param {string} name */
function isAvailable(name) {
  const known = readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8');
  const { congestion } = contenders[name] ?? {};
  if (congestion === undefined || known.split(/\s+/).includes(congestion)) return true;
  console.log(`${name} is left out: this system has no ${congestion}.`);
  return false;
}

/** @param {Run} run */
async function measureShares({ chosen, workspace, onLink }) {
  const pairs = /** @type {const} */ ([
    ['tcp', 'tcp'],
    ['tcp', 'udp'],
    ['udp', 'tcp'],
  ]);
  /** @type {Record<string, number[]>} */
  const results = {};
  for (const pair of pairs)
    for (let round = 1; round <= chosen.rounds; round++) {
      const name = pair.join(', ').replaceAll('tcp', 'cubic');
      const { firstMbit, secondMbit, share } = await shareOfSecond(workspace, pair, onLink);
      console.log(`${name} ${round}: ${firstMbit.toFixed(1)} and ${secondMbit.toFixed(1)} Mbit/s`);
      (results[name] ??= []).push(share);
    }
  return results;
}

/** How long a transfer takes where UDP is blocked. @param {Run} run */
async function measureBlocked({ chosen, workspace, onLink }) {
  const link = { rate: 100, delay: 10 };
  const common = { bytes: 20e6, direction: chosen.direction, onLink };
  const [tcp, blocked] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  for (let round = 1; round <= chosen.rounds; round++) {
    for (const [seconds, contender, blockUdp] of /** @type {const} */ ([
      [tcp, 'cubic', false],
      [blocked, 'udp', true],
    ])) {
      const how = contenders[contender];
      if (!how) continue;
      const [transfer] = await measure(workspace, how, { ...common, link: { ...link, blockUdp } });
      if (!transfer?.complete) throw new Error(`The transfer has failed: ${transfer?.error}`);
      console.log(`blocked ${round} ${contender}: ${transfer.seconds.toFixed(2)} s`);
      seconds.push(transfer.seconds);
    }
  }
  return { tcp, blocked };
}

/** How much faster a second transfer to the same peer is. @param {Run} run */
async function measureKnown({ chosen, workspace, onLink }) {
  const [link, how] = [links['d'], contenders['udp']];
  const ratios = [];
  if (!link || !how) return [];
  for (let round = 1; round <= chosen.rounds; round++) {
    const options = { ...link.options, seed: round };
    const transfers = await measure(workspace, how, { bytes: 20e6, link: options, clients: 2, onLink });
    const [first, second] = transfers.map(({ mbit }) => mbit);
    console.log(`known ${round}: ${first?.toFixed(1)}, then ${second?.toFixed(1)} Mbit/s`);
    ratios.push((second ?? NaN) / (first ?? NaN));
  }
  return ratios;
}

/** @param {import('./report.mjs').Results} results */
function jsonOf(results) {
  const isKept = (/** @type {string} */ key) => key !== 'samples';
  return JSON.stringify(results, (key, /** @type {unknown} */ value) => (isKept(key) ? value : undefined));
}
