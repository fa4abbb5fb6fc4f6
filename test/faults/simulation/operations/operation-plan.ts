/** The plan of a simulated run of methods, batches and a watch, as fast-check generates and shrinks it. */
import fc from 'fast-check';
import type { CodecName, StrategyName } from '../../../../src/index.js';
import { fate, rarely, type VirtualFate } from '../plan.js';
import type { ClientPlan } from '../simulated-client.js';

/** A request of a lane. */
export type OperationStep =
  | {
      readonly kind: 'call';
      readonly idempotent: boolean;
      /** Bytes of the text in input and output. */
      readonly bytes: number;
      readonly fails: boolean;
      readonly takesMs: number;
    }
  | { readonly kind: 'stream'; readonly bytes: number }
  | { readonly kind: 'upload-batch'; readonly sizes: readonly number[] }
  /** Numbers of files; those that are odd do not exist. */
  | { readonly kind: 'download-batch'; readonly files: readonly number[] };

export interface PlannedOperation {
  readonly step: OperationStep;
  /** How long the caller waits before it asks. */
  readonly afterMs: number;
  /** When the caller loses interest; undefined if never. */
  readonly cancelMs: number | undefined;
}

/** A change of the watched directory. */
export interface PlannedChange {
  readonly kind: 'put' | 'remove' | 'rename' | 'mkdir';
  readonly name: string;
  readonly to: string;
  readonly afterMs: number;
}

export interface OperationPlan extends ClientPlan {
  readonly seed: number;
  readonly strategy: StrategyName;
  readonly lanes: readonly (readonly PlannedOperation[])[];
  readonly changes: readonly PlannedChange[];
  readonly fates: readonly VirtualFate[];
}

/** Longest time in ms that a method of a plan takes. */
export const MAX_METHOD_MS = 1_000;

const sizes = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 8_000, max: 60_000 }));

const step: fc.Arbitrary<OperationStep> = fc.oneof(
  fc.record({
    kind: fc.constant('call' as const),
    idempotent: fc.boolean(),
    bytes: sizes,
    fails: rarely(fc.constant(true), false),
    takesMs: rarely(fc.integer({ min: 1, max: MAX_METHOD_MS }), 0),
  }),
  fc.record({ kind: fc.constant('stream' as const), bytes: fc.integer({ min: 0, max: 300_000 }) }),
  fc.record({
    kind: fc.constant('upload-batch' as const),
    sizes: fc.array(sizes, { minLength: 1, maxLength: 12 }),
  }),
  fc.record({
    kind: fc.constant('download-batch' as const),
    files: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 }),
  }),
);

const planned: fc.Arbitrary<PlannedOperation> = fc.record({
  step,
  afterMs: rarely(fc.integer({ min: 0, max: 3_000 }), 0),
  cancelMs: rarely(fc.integer({ min: 0, max: 2_000 })),
});

const names = fc.constantFrom('a', 'b', 'd', 'd/a', 'd/b', 'e', 'e/a');

const change: fc.Arbitrary<PlannedChange> = fc.record({
  kind: fc.constantFrom('put', 'put', 'remove', 'rename', 'mkdir'),
  name: names,
  to: names,
  afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_500 })),
});

/** Every plan. */
export const operationPlans: fc.Arbitrary<OperationPlan> = fc.record({
  seed: fc.nat(),
  codec: fc.constantFrom<CodecName>('binary', 'text', 'json', 'xml'),
  strategy: fc.constantFrom<StrategyName>('non-blocking', 'non-blocking', 'blocking'),
  connection: fc.constantFrom('persistent', 'on-demand'),
  reconnect: fc.constantFrom(true, true, true, false),
  lanes: fc.array(fc.array(planned, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
  changes: fc.array(change, { maxLength: 20 }),
  fates: fc.array(fate, { maxLength: 8 }),
});
