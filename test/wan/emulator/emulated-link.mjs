/**
 * Two network namespaces of this machine, joined by an emulated link with a rate, a delay, a queue and losses
 * (`wan-link.c`). It needs Linux, root, /dev/net/tun, gcc and ip (iproute2), and leaves nothing behind.
 *
 *     left 10.77.0.1 -> TUN -> wan-link: queue, rate, loss, delay -> TUN -> right 10.77.0.2
 */
// @ts-check
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('wan-link.c', import.meta.url));

/** The interface in both namespaces. */
const DEVICE = 'wan0';

/** @typedef {'left' | 'right'} Side */

/**
 * What a link is like.
 *
 * @typedef {object} LinkOptions
 * @property {number} rate - Mbit/s of IP bytes
 * @property {number} delay - one way, in ms
 * @property {number} [loss] - per cent, in each direction
 * @property {number} [queue] - bytes. Default: the product of rate and round trip
 * @property {boolean} [blockUdp] - drops all UDP
 * @property {number} [udpRate] - Mbit/s above which UDP is dropped
 * @property {number} [maxSize] - bytes of an IP packet above which it is dropped
 * @property {number} [seed]
 */

/**
 * The counters of one direction.
 *
 * @typedef {object} Counters
 * @property {number} packetsIn
 * @property {number} bytesIn
 * @property {number} lost - by chance
 * @property {number} queueDrops
 * @property {number} filtered
 * @property {number} policed
 * @property {number} maxQueueBytes
 * @property {number} writeErrors
 */

/** The addresses of the ends. @type {Record<Side, string>} */
export const addresses = { left: '10.77.0.1', right: '10.77.0.2' };

/** What this machine lacks; undefined if a link can be emulated. @returns {string | undefined} */
export function missingForLinks() {
  if (process.platform !== 'linux') return 'Linux';
  if (process.getuid?.() !== 0) return 'root';
  if (!existsSync('/dev/net/tun')) return '/dev/net/tun';
  return ['gcc', 'ip'].find((name) => !isInstalled(name));
}

/** @param {string} name */
function isInstalled(name) {
  return (process.env['PATH'] ?? '').split(':').some((directory) => {
    try {
      accessSync(path.join(directory, name));
      return true;
    } catch {
      return false;
    }
  });
}

/** The arguments of `wan-link`. @type {(options: LinkOptions) => string[]} */
export function argumentsOf({ rate, delay, loss = 0, queue, blockUdp = false, udpRate, maxSize, seed = 1 }) {
  const values = {
    rate,
    delay,
    loss,
    queue,
    'block-udp': blockUdp ? 1 : undefined,
    'udp-rate': udpRate,
    'max-size': maxSize,
    seed,
  };
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, `${value}`],
  );
}

export class EmulatedLink {
  /** @type {Record<Side, string>} */
  #namespaces = { left: '', right: '' };
  #directory = '';
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #link;
  #output = '';
  /** @type {Set<import('node:child_process').ChildProcess>} */
  #started = new Set();

  /** @param {LinkOptions} options */
  static async open(options) {
    const link = new EmulatedLink();
    try {
      await link.#open(options);
    } catch (error) {
      await link.close();
      throw error;
    }
    return link;
  }

  /** Uses a congestion control for the TCP connections that are made from now on. @param {string} name - of the system, such as `cubic` */
  useCongestionControl(name) {
    for (const side of /** @type {const} */ (['left', 'right'])) {
      const route = [
        'route',
        'replace',
        '10.77.0.0/24',
        'dev',
        DEVICE,
        'scope',
        'link',
        'src',
        addresses[side],
      ];
      // By route: a namespace may use only what the whole system allows otherwise.
      execFileSync('ip', ['-n', this.#namespaces[side], ...route, 'congctl', name]);
    }
  }

  /**
   * Starts a Node program at one end, with a channel for messages.
   *
   * @param {Side} side
   * @param {string[]} args - the file first
   */
  run(side, args) {
    const child = spawn('ip', ['netns', 'exec', this.#namespaces[side], process.execPath, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#started.add(child);
    child.once('exit', () => this.#started.delete(child));
    return child;
  }

  /** The counters so far: of what left has sent, and of what right has sent. @returns {Promise<Record<Side, Counters>>} */
  async counters() {
    const link = this.#link;
    if (!link?.stdout) throw new Error('The link is closed.');
    this.#output = '';
    link.kill('SIGUSR1');
    while (this.#output.split('\n').length < 3) await once(link.stdout, 'data');
    const [left = '', right = ''] = this.#output.split('\n');
    return { left: JSON.parse(left), right: JSON.parse(right) };
  }

  /** Ends what runs at both ends, and removes the namespaces. */
  async close() {
    await Promise.all([...this.#started, ...(this.#link ? [this.#link] : [])].map(ended));
    this.#link = undefined;
    this.removeNow();
  }

  /** As `close`, in the handler of a signal. */
  removeNow() {
    for (const child of [...this.#started, ...(this.#link ? [this.#link] : [])]) child.kill('SIGKILL');
    for (const namespace of Object.values(this.#namespaces))
      if (existsSync(`/run/netns/${namespace}`)) execFileSync('ip', ['netns', 'del', namespace]);
    if (this.#directory !== '') rmSync(this.#directory, { recursive: true, force: true });
  }

  /** @param {LinkOptions} options */
  async #open(options) {
    this.#directory = mkdtempSync(path.join(os.tmpdir(), 'wan-link-'));
    const program = path.join(this.#directory, 'wan-link');
    execFileSync('gcc', ['-O2', '-Wall', '-o', program, SOURCE]);
    const name = `wan${process.pid}`;
    for (const side of /** @type {const} */ (['left', 'right'])) {
      execFileSync('ip', ['netns', 'add', `${name}-${side}`]);
      this.#namespaces[side] = `${name}-${side}`;
    }
    const { left, right } = this.#namespaces;
    const link = spawn(program, ['--left', left, '--right', right, ...argumentsOf(options)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#link = link;
    link.stdout.on('data', (/** @type {Buffer} */ chunk) => (this.#output += chunk.toString()));
    await ready(link);
    for (const side of /** @type {const} */ (['left', 'right'])) this.#configure(side);
  }

  /** @param {Side} side */
  #configure(side) {
    const namespace = this.#namespaces[side];
    /** @param {string[]} args */
    const ip = (...args) => execFileSync('ip', ['-n', namespace, ...args]);
    ip('link', 'set', 'lo', 'up');
    // A long queue of the device: packets are dropped in the emulated queue.
    ip('link', 'set', DEVICE, 'mtu', '1500', 'txqueuelen', '20000');
    // A connection begins without what an earlier one has learned.
    const settings = `echo 1 >/proc/sys/net/ipv4/tcp_no_metrics_save; echo 1 >/proc/sys/net/ipv6/conf/${DEVICE}/disable_ipv6`;
    execFileSync('ip', ['netns', 'exec', namespace, 'sh', '-c', settings]);
    ip('addr', 'add', `${addresses[side]}/24`, 'dev', DEVICE);
    ip('link', 'set', DEVICE, 'up');
  }
}

/** Waits until a link forwards packets. @type {(link: import('node:child_process').ChildProcess) => Promise<void>} */
async function ready(link) {
  let text = '';
  return new Promise((resolve, reject) => {
    link.stderr?.on('data', (/** @type {Buffer} */ chunk) => {
      text += chunk.toString();
      if (text.includes('ready')) resolve();
    });
    link.once('error', reject);
    link.once('exit', () => reject(new Error(`The link has ended: ${text.trim()}`)));
  });
}

/** Ends a process. @param {import('node:child_process').ChildProcess} child */
async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
