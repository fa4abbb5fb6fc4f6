/** How two transfers share a link, of which the second begins some seconds later. */
// @ts-check
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { addresses, EmulatedLink } from './emulator/emulated-link.mjs';
import { sharedLink } from './links.mjs';
import { finish, start } from './measure.mjs';
import { rateBetween } from './statistics.mjs';

const SECOND_AFTER_MS = 4_000;
const FIRST_SECONDS = 24;

/** The part of the second transfer that counts, after its beginning. */
const COUNTED_MS = { from: 4_000, to: 18_000 };

/** Enough that no transfer ends before its time. */
const BYTES = 400e6;

/**
 * The share of the transfer that begins second.
 *
 * @param {import('./measure.mjs').Workspace} workspace
 * @param {readonly ['tcp' | 'udp', 'tcp' | 'udp']} transports
 * @param {(link: EmulatedLink) => void} [onLink]
 */
export async function shareOfSecond(workspace, [first, second], onLink) {
  const name = await workspace.file(BYTES);
  workspace.clear();
  const link = await EmulatedLink.open(sharedLink);
  onLink?.(link);
  try {
    link.useCongestionControl('cubic');
    const common = { host: addresses.left, name };
    await start(link, 'left', { ...common, role: 'server', transport: 'udp', directory: workspace.source });
    const client = { ...common, role: 'client', directory: workspace.target };
    const seconds = FIRST_SECONDS - SECOND_AFTER_MS / 1_000;
    const firstRun = finish(link, { ...client, transport: first, maxSeconds: FIRST_SECONDS });
    await delay(SECOND_AFTER_MS);
    const startedMs = performance.timeOrigin + performance.now();
    const target = path.join(workspace.target, 'second');
    mkdirSync(target);
    const secondRun = finish(link, { ...client, directory: target, transport: second, maxSeconds: seconds });
    const [[one], [two]] = await Promise.all([firstRun, secondRun]);
    const [from, to] = [startedMs + COUNTED_MS.from, startedMs + COUNTED_MS.to];
    const rates = [one, two].map((run) => rateBetween(run?.samples ?? [], from, to));
    const [firstMbit = 0, secondMbit = 0] = rates;
    return { firstMbit, secondMbit, share: secondMbit / (firstMbit + secondMbit) };
  } finally {
    await link.close();
  }
}
