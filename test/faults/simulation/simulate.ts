/** One run: a server and a client in memory, under a virtual clock, with the faults of a plan. */
import { vi } from 'vitest';
import { type FileClient, FileServer, type MemoryStorage, parseRemotePath } from '../../../src/index.js';
import { Random } from '../fixtures/random.js';
import { CountingStorage } from '../fixtures/counting-storage.js';
import { WINDOW_BYTES } from '../fixtures/fast-ends.js';
import { DIRECTORY } from './worlds.js';
import { textOfBytes } from './content.js';
import { Lane, pathOf } from './lane.js';
import { MAX_PACE_MS, type Plan } from './plan.js';
import { simulatedClient } from './simulated-client.js';
import { VirtualNetwork } from './virtual-network.js';
import { inVirtualTime } from '../../support/doubles/virtual-time.js';

/** Milliseconds of the virtual clock that a run may take. */
const MAX_RUN_MS = 3_600_000;

/** The outcome of a run. */
export interface RunOutcome {
  readonly requests: number;
  readonly done: number;
  readonly connections: number;
  readonly cuts: number;
  /** The errors, as texts. */
  readonly wrong: readonly string[];
  readonly virtualMs: number;
}

/** Runs a plan to its end, and judges. Rejects if it has none. */
export async function simulate(plan: Plan): Promise<RunOutcome> {
  const random = new Random(plan.seed);
  vi.spyOn(Math, 'random').mockImplementation(() => random.next());
  try {
    return await inVirtualTime(MAX_RUN_MS, () => run(plan, random));
  } finally {
    vi.restoreAllMocks();
  }
}

async function run(plan: Plan, random: Random): Promise<RunOutcome> {
  const storage = new CountingStorage();
  storage.countsTimes = false;
  for (const number of plan.lanes.keys()) {
    await storage.files.mkdir(parseRemotePath(`lane-${number}`), { recursive: false });
  }
  const server = new FileServer({
    storage,
    strategy: plan.strategy,
    limits: { windowBytes: WINDOW_BYTES },
    keepAlive: { timeoutMs: 3_000 },
    timeouts: { handshakeMs: 2_000, stallMs: 5_000 },
  });
  const told = countRequests(server);
  const network = new VirtualNetwork(server, plan.codec, { fates: plan.fates, random });
  const client = simulatedClient(plan, network);
  const lanes = plan.lanes.map((_, number) => new Lane(number, client));
  const closing = closeEarly(plan, client);
  await Promise.all(lanes.map((lane, number) => lane.run(plan.lanes[number]!)));
  closing.stop();
  await client.close();
  await server.close();
  // The source of an upload that was cancelled may still be pausing.
  await new Promise((resolve) => setTimeout(resolve, MAX_PACE_MS + 1));
  for (const [number, lane] of lanes.entries()) lane.check(await filesOf(storage.files, number));
  const wrong = [...network.wrong, ...lanes.flatMap((lane) => lane.wrong), ...told.wrong(server)];
  wrong.push(...countChanges(lanes, storage.changes));
  const sum = (key: 'requests' | 'done'): number => lanes.reduce((total, lane) => total + lane[key], 0);
  const { connections, cuts } = network;
  return { requests: sum('requests'), done: sum('done'), connections, cuts, wrong, virtualMs: Date.now() };
}

function closeEarly({ closeMs, closeBy }: Plan, client: FileClient): { stop(): void } {
  if (closeMs === undefined) return { stop: () => undefined };
  const timer = setTimeout(() => {
    if (closeBy === 'destroy') client.destroy();
    else void client.close({ graceMs: 1_000 });
  }, closeMs);
  return { stop: () => clearTimeout(timer) };
}

/** Compares the requests in the events of a server with those in its counts. */
function countRequests(server: FileServer): { wrong(server: FileServer): string[] } {
  let told = 0;
  server.on('requestEnd', () => (told += 1));
  return {
    wrong: () => {
      const stats = server.stats();
      const { connections, activeRequests, queuedRequests, servedRequests, failedRequests } = stats;
      const ended = servedRequests + failedRequests;
      if (connections + activeRequests + queuedRequests > 0) return [`left: ${JSON.stringify(stats)}`];
      return told === ended ? [] : [`${told} requests were told of, ${ended} have ended`];
    },
  };
}

/** Compares the changes that were made with those that the callers know of. */
function countChanges(lanes: readonly Lane[], made: number): string[] {
  const known = lanes.reduce((sum, { changes }) => sum + changes.made, 0);
  const most = lanes.reduce((sum, { changes }) => sum + changes.unknown, known);
  return made < known || made > most ? [`${made} changes were made, not ${known} to ${most}`] : [];
}

async function filesOf(storage: MemoryStorage, lane: number): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { path, kind } of storage.list(parseRemotePath(`lane-${lane}`), { recursive: false })) {
    const name = path.slice(pathOf(lane, '').length);
    if (kind === 'directory') files[name] = DIRECTORY;
    if (kind === 'directory') continue;
    const file = await storage.read(path);
    const bytes = Buffer.alloc(file.entry.size ?? 0);
    for (let at = 0; at < bytes.length;) at += await file.read(bytes.subarray(at), at);
    await file.close();
    files[name] = textOfBytes(bytes);
  }
  return files;
}
