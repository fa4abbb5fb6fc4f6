/** Measures single transfers over an emulated link. */
// @ts-check
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { addresses, EmulatedLink } from './emulator/emulated-link.mjs';

const END = fileURLToPath(new URL('end.mjs', import.meta.url));

/** Bytes of a body in a full packet of TCP or UDP. */
export const PACKET_PAYLOAD = 1_400;

/**
 * How a file is transferred.
 *
 * @typedef {object} Contender
 * @property {'tcp' | 'udp' | 'auto' | 'plain'} transport
 * @property {string} [congestion] - the congestion control of TCP. Default: cubic
 * @property {number} [connections] - of TCP
 */

/** @typedef {import('./end.mjs').Transferred & { mbit: number, packets: number }} Measured */

/** The directories of a measurement, on a file system in memory if there is one. */
export class Workspace {
  #base = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'wan-'));
  source = path.join(this.#base, 'source');
  target = path.join(this.#base, 'target');

  /** A file of so many random bytes, by its name. @param {number} bytes */
  async file(bytes) {
    const name = `${bytes}`;
    mkdirSync(this.source, { recursive: true });
    if (existsSync(path.join(this.source, name))) return name;
    const handle = await open(path.join(this.source, name), 'w');
    const piece = Buffer.alloc(1 << 20);
    for (let left = bytes; left > 0; left -= piece.length) {
      crypto.getRandomValues(piece.subarray(0, 65_536)).copyWithin(65_536, 0);
      await handle.write(piece, 0, Math.min(left, piece.length));
    }
    await handle.close();
    return name;
  }

  clear() {
    rmSync(this.target, { recursive: true, force: true });
    mkdirSync(this.target, { recursive: true });
  }

  remove() {
    rmSync(this.#base, { recursive: true, force: true });
  }
}

/**
 * Transfers a file once, or by several clients one after the other, and compares it.
 *
 * @param {Workspace} workspace
 * @param {Contender} contender
 * @param {{ link: import('./emulator/emulated-link.mjs').LinkOptions, bytes: number, direction?: 'download' | 'upload', clients?: number, maxSeconds?: number, onLink?: (link: EmulatedLink) => void }} transfer
 * @returns {Promise<Measured[]>}
 */
export async function measure(workspace, contender, { link: options, bytes, onLink, ...rest }) {
  const name = await workspace.file(bytes);
  workspace.clear();
  const link = await EmulatedLink.open(options);
  onLink?.(link);
  try {
    link.useCongestionControl(contender.congestion ?? 'cubic');
    const { direction = 'download' } = rest;
    const [from, to] = [workspace.source, workspace.target];
    const [served, local] = direction === 'download' ? [from, to] : [to, from];
    const task = { ...rest, ...contender, name, host: addresses.left };
    const plain = contender.transport === 'plain' ? 'plain-' : '';
    await start(link, 'left', { ...task, role: `${plain}server`, directory: served });
    const before = await link.counters();
    const transfers = await finish(link, { ...task, role: `${plain}client`, directory: local });
    const after = await link.counters();
    const side = direction === 'download' ? 'left' : 'right';
    const packets = after[side].packetsIn - before[side].packetsIn;
    if (transfers.every(({ complete }) => complete))
      execFileSync('cmp', [path.join(from, name), path.join(to, name)]);
    return transfers.map((transferred) => ({
      ...transferred,
      packets,
      mbit: (transferred.bytes * 8) / 1e6 / transferred.seconds,
    }));
  } finally {
    await link.close();
  }
}

/** Starts a server, and waits until it listens. @type {(link: EmulatedLink, side: 'left' | 'right', task: object) => Promise<void>} */
export async function start(link, side, task) {
  const child = link.run(side, [END, JSON.stringify(task)]);
  const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (message !== 'listening') throw new Error('The server has ended.');
}

/** Runs a client to its end. @type {(link: EmulatedLink, task: object) => Promise<import('./end.mjs').Transferred[]>} */
export async function finish(link, task) {
  const child = link.run('right', [END, JSON.stringify(task)]);
  const events = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  const [transfers] = /** @type {[import('./end.mjs').Transferred[] | number | null]} */ (events);
  if (!Array.isArray(transfers)) throw new Error('The client has ended without a result.');
  return transfers;
}
