/** The plan of a simulated run, as fast-check generates and shrinks it. */
import fc from 'fast-check';
import type { CodecName, StrategyName } from '../../../src/index.js';
import type { CutKind, Direction, ConnectionFaults } from '../network/connection-faults.js';

/** A request of a lane, on names that only this lane uses. */
export type Step =
  | { readonly kind: 'upload'; readonly name: string; readonly size: number; readonly overwrite: boolean }
  | { readonly kind: 'append'; readonly name: string; readonly size: number }
  | { readonly kind: 'download' | 'stat' | 'remove'; readonly name: string }
  | { readonly kind: 'mkdir' | 'utimes'; readonly name: string }
  | {
      readonly kind: 'rename' | 'copy';
      readonly name: string;
      readonly to: string;
      readonly overwrite: boolean;
    }
  | { readonly kind: 'list' };

/** A step, with the speed of its caller. */
export interface PlannedStep {
  readonly step: Step;
  /** How long the caller waits before it asks. */
  readonly afterMs: number;
  /** When the caller loses interest; undefined if never. */
  readonly cancelMs: number | undefined;
  /** The time that the caller takes for each piece of a body. */
  readonly paceMs: number;
}

/** A connection attempt that succeeds or fails. */
export interface VirtualFate extends ConnectionFaults {
  readonly refused?: boolean | undefined;
  /** Whether the other side of a stream that is destroyed sees an end, after all that is on its way, or a reset. */
  readonly closesSoftly?: boolean | undefined;
}

export interface Plan {
  readonly seed: number;
  readonly codec: CodecName;
  readonly strategy: StrategyName;
  readonly connection: 'persistent' | 'on-demand';
  readonly reconnect: boolean;
  /** Lanes run side by side, the steps of each one after the other. */
  readonly lanes: readonly (readonly PlannedStep[])[];
  /** The fates of the first connections; later ones are left in peace. */
  readonly fates: readonly VirtualFate[];
  /** The time at which a busy client is closed; undefined: after all requests. */
  readonly closeMs: number | undefined;
  readonly closeBy: 'close' | 'destroy';
}

/** Maximum milliseconds that a caller takes for a piece. */
export const MAX_PACE_MS = 300;

const names = ['a', 'b'];
const sizes = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.constantFrom(65_535, 65_536, 65_537),
  fc.integer({ min: 1_000, max: 300_000 }),
);
const name = fc.constantFrom(...names);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('upload'), name, size: sizes, overwrite: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('append'), name, size: sizes }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('download', 'stat', 'remove'), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('utimes'), name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('mkdir', 'remove'), name: fc.constant('d') }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...names).chain((from) =>
      fc.record({
        kind: fc.constantFrom('rename', 'copy'),
        name: fc.constant(from),
        to: fc.constant(from === 'a' ? 'b' : 'a'),
        overwrite: fc.boolean(),
      }),
    ),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('list') }) },
);

const plannedStep: fc.Arbitrary<PlannedStep> = fc.record({
  step,
  afterMs: rarely(fc.integer({ min: 0, max: 5_000 }), 0),
  cancelMs: rarely(fc.integer({ min: 0, max: 2_000 })),
  paceMs: rarely(fc.integer({ min: 1, max: MAX_PACE_MS }), 0),
});

const direction = fc.constantFrom<Direction>('toServer', 'toClient');
const afterBytes = fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 200_000 }));

/** What becomes of a connection. */
export const fate: fc.Arbitrary<VirtualFate> = fc.record({
  refused: rarely(fc.constant(true)),
  closesSoftly: fc.boolean(),
  latencyMs: rarely(fc.integer({ min: 0, max: 400 })),
  bytesPerSecond: rarely(fc.integer({ min: 20_000, max: 1_000_000 })),
  sliceBytes: rarely(fc.integer({ min: 3_000, max: 60_000 })),
  cut: often(fc.record({ direction, afterBytes, by: fc.constantFrom<CutKind>('reset', 'end', 'half') })),
  silence: rarely(fc.record({ direction, afterBytes })),
});

/** Every plan. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(),
  codec: fc.constantFrom<CodecName>('binary', 'text', 'json', 'xml'),
  strategy: fc.constantFrom<StrategyName>('non-blocking', 'non-blocking', 'blocking'),
  connection: fc.constantFrom('persistent', 'on-demand'),
  reconnect: fc.constantFrom(true, true, true, false),
  lanes: fc.array(fc.array(plannedStep, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 }),
  fates: fc.array(fate, { maxLength: 8 }),
  closeMs: rarely(fc.integer({ min: 0, max: 10_000 })),
  closeBy: fc.constantFrom('close', 'destroy'),
});

/** A value that most plans do not have. */
export function rarely<T, N = undefined>(arbitrary: fc.Arbitrary<T>, otherwise?: N): fc.Arbitrary<T | N> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(otherwise as N) }, { weight: 1, arbitrary });
}

function often<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 3, arbitrary });
}
