/** One run: methods, batches and a watch of one client and one server in memory, under a virtual clock, with the faults of a plan. */
import fc from 'fast-check';
import { vi } from 'vitest';
import { FileServer } from '../../../../src/index.js';
import { inVirtualTime, pause } from '../../../support/doubles/virtual-time.js';
import { WINDOW_BYTES } from '../../fixtures/fast-ends.js';
import { Random } from '../../fixtures/random.js';
import { simulatedClient } from '../simulated-client.js';
import { VirtualNetwork } from '../virtual-network.js';
import { ModelledFiles } from './modelled-files.js';
import { ModelledMethods } from './modelled-methods.js';
import { ModelledTree } from './modelled-tree.js';
import { OperationLane } from './operation-lane.js';
import { MAX_METHOD_MS, operationPlans, type OperationPlan } from './operation-plan.js';

/** Milliseconds of the virtual clock that a run may take. */
const MAX_RUN_MS = 3_600_000;

/** The outcome of a run, or the totals of several. */
export interface OperationNumbers {
  requests: number;
  'of them done': number;
  cuts: number;
  'times lost': number;
}

/** Runs so many plans; the first failing one is shrunk. `FAULTS_PATH`, with the seed beside it, has it run again. */
export async function checkOperations(runs: number, seed: number): Promise<OperationNumbers> {
  const numbers: OperationNumbers = { requests: 0, 'of them done': 0, cuts: 0, 'times lost': 0 };
  const path = process.env['FAULTS_PATH'];
  const property = fc.asyncProperty(operationPlans, async (plan) => {
    const { wrong, ...outcome } = await simulateOperations(plan);
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    for (const key of Object.keys(numbers) as (keyof OperationNumbers)[]) numbers[key] += outcome[key];
  });
  await fc.assert(property, { seed, numRuns: runs, ...(path !== undefined && { path, endOnFailure: true }) });
  return numbers;
}

/** Runs a plan to its end, and judges. Rejects if it has none. */
export async function simulateOperations(
  plan: OperationPlan,
): Promise<OperationNumbers & { wrong: string[] }> {
  const random = new Random(plan.seed);
  vi.spyOn(Math, 'random').mockImplementation(() => random.next());
  try {
    return await inVirtualTime(MAX_RUN_MS, () => run(plan, random));
  } finally {
    vi.restoreAllMocks();
  }
}

async function run(plan: OperationPlan, random: Random): Promise<OperationNumbers & { wrong: string[] }> {
  const files = new ModelledFiles();
  await files.fill();
  const methods = new ModelledMethods();
  const server = serverOf(plan, files);
  methods.share(server);
  const network = new VirtualNetwork(server, plan.codec, { fates: plan.fates, random });
  const client = simulatedClient(plan, network);
  const tree = new ModelledTree(client, files);
  const lanes = plan.lanes.map((_, number) => new OperationLane(number, client, { methods, files }));
  await Promise.all([
    tree.run(plan.changes),
    ...lanes.map((lane, number) => lane.run(plan.lanes[number] ?? [])),
  ]);
  await tree.check();
  await client.close();
  await server.close();
  // A method whose call was cancelled may still be at work.
  await pause(MAX_METHOD_MS + 1);
  for (const lane of lanes) await lane.check();
  const wrong = [
    ...network.wrong,
    ...tree.wrong,
    ...lanes.flatMap((lane) => lane.wrong),
    ...leftovers(server),
  ];
  const sum = (key: 'requests' | 'done'): number => lanes.reduce((total, lane) => total + lane[key], 0);
  const numbers = { requests: sum('requests'), 'of them done': sum('done') };
  return { ...numbers, cuts: network.cuts, 'times lost': tree.lost, wrong };
}

function serverOf({ strategy }: OperationPlan, storage: ModelledFiles): FileServer {
  return new FileServer({
    storage,
    strategy,
    limits: { windowBytes: WINDOW_BYTES },
    keepAlive: { timeoutMs: 3_000 },
    timeouts: { handshakeMs: 2_000, stallMs: 5_000 },
  });
}

function leftovers(server: FileServer): string[] {
  const { connections, activeRequests, queuedRequests } = server.stats();
  const left = connections + activeRequests + queuedRequests;
  return left > 0 ? [`left: ${JSON.stringify(server.stats())}`] : [];
}
