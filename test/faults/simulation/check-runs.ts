/** Simulates plan after plan; shrinks the first failing plan, and reports it with its seed. */
import fc from 'fast-check';
import { plans } from './plan.js';
import { simulate, type RunOutcome } from './simulate.js';

/** The totals of all runs. */
export interface RunNumbers {
  runs: number;
  requests: number;
  'of them done': number;
  connections: number;
  cuts: number;
  'virtual s': number;
}

/** Runs so many plans. `FAULTS_PATH`, with the seed beside it, has a failing run again, and nothing else. */
export async function checkRuns(runs: number, seed: number): Promise<RunNumbers> {
  const numbers: RunNumbers = {
    runs: 0,
    requests: 0,
    'of them done': 0,
    connections: 0,
    cuts: 0,
    'virtual s': 0,
  };
  const path = process.env['FAULTS_PATH'];
  const property = fc.asyncProperty(plans, async (plan) => {
    const outcome = await simulate(plan);
    if (outcome.wrong.length > 0) throw new Error(outcome.wrong.join('\n'));
    count(numbers, outcome);
  });
  await fc.assert(property, { seed, numRuns: runs, ...(path !== undefined && { path, endOnFailure: true }) });
  numbers['virtual s'] = Math.round(numbers['virtual s']);
  return numbers;
}

function count(numbers: RunNumbers, { requests, done, connections, cuts, virtualMs }: RunOutcome): void {
  numbers.runs += 1;
  numbers.requests += requests;
  numbers['of them done'] += done;
  numbers.connections += connections;
  numbers.cuts += cuts;
  numbers['virtual s'] += virtualMs / 1000;
}
