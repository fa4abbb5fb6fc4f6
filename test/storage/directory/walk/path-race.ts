/** A race: requests of all kinds, many at once, on names that change places with links to the outside meanwhile. */
import { expect } from 'vitest';
import type { DirectoryInternals } from '../../../../src/storage/directory/directory-internals.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import type { Random } from '../../../faults/fixtures/random.js';
import { codeOf, makePlace, openIn, type Place } from '../directory-fixture.js';
import type { LeadingRequest } from './leading-requests.js';
import { expectNoSecret, fill, isSecret, traces } from './secrets.js';
import { Swapping, type Swap } from './swapping.js';

const AT_ONCE = 8;

/** A failed race can stop. */
const MAX_SECRETS = 10;

/** The storage is opened again after this many requests, so that it sweeps its private folder again. */
const REQUESTS_OF_A_STORAGE = 500;

/** The raced names and requests, and the duration. */
export interface RacePlan {
  readonly swap: Swap;
  readonly requests: Readonly<Record<string, LeadingRequest>>;
  /** The race continues until this many requests were made, of which some met the link and some did not. */
  readonly atLeast: number;
  readonly chance: Random;
  readonly walking?: DirectoryInternals['walking'];
}

/** The outcome of a race. */
export interface RaceOutcome {
  readonly requests: number;
  readonly swaps: number;
  /** How many requests ended so, by code; `done` for those that did not fail. */
  readonly codes: Readonly<Record<string, number>>;
  /** Data of the outside that was returned. */
  readonly secrets: readonly string[];
  readonly tracesBefore: unknown;
  readonly tracesAfter: unknown;
  readonly place: Place;
}

/** Runs a race. */
export async function race(plan: RacePlan): Promise<RaceOutcome> {
  const place = await makePlace();
  fill(place);
  const tracesBefore = traces(place);
  const swapping = await Swapping.prepare(place, plan.swap);
  const stop = await swapping.forEver();
  const run = new Run(plan, place);
  await Promise.all(Array.from({ length: AT_ONCE }, () => run.requests()));
  await stop();
  const { codes, secrets } = run;
  const requests = Object.values(codes).reduce((sum, count) => sum + count, 0);
  return {
    requests,
    swaps: swapping.count,
    codes,
    secrets,
    tracesBefore,
    tracesAfter: traces(place),
    place,
  };
}

/** The possible answers for a path that is sometimes a file, a link, or missing, or changed by another program. */
const allowed = [
  'done',
  'ELOOP',
  'ENOENT',
  'ENOTDIR',
  'EEXIST',
  'EISDIR',
  'ENOTEMPTY',
  'EACCES',
  'EBUSY',
  'ESTALE',
];

/** Fails if a race has led outside. */
export async function judge(outcome: RaceOutcome): Promise<void> {
  expect(outcome.secrets).toEqual([]);
  expect(outcome.tracesAfter).toEqual(outcome.tracesBefore);
  expectNoSecret(outcome.place, []);
  expect(allowed).toEqual(expect.arrayContaining(Object.keys(outcome.codes)));
  expect(await openIn(outcome.place.root)).toEqual([]);
}

class Run {
  readonly codes: Record<string, number> = {};
  readonly secrets: string[] = [];
  readonly #plan: RacePlan;
  readonly #place: Place;
  readonly #names: readonly string[];
  #storage: DirectoryStorage;
  #number = 0;

  constructor(plan: RacePlan, place: Place) {
    this.#plan = plan;
    this.#place = place;
    this.#names = Object.keys(plan.requests);
    this.#storage = this.#newStorage();
  }

  async requests(): Promise<void> {
    const goesOn = (): boolean => this.#number < this.#plan.atLeast || !this.#wasLed();
    while (goesOn() && this.secrets.length < MAX_SECRETS) await this.#request(this.#number++);
  }

  async #request(number: number): Promise<void> {
    if (number % REQUESTS_OF_A_STORAGE === 0) this.#storage = this.#newStorage();
    const request = this.#plan.requests[this.#plan.chance.pick(this.#names)];
    let told: readonly string[] = [];
    const code = await codeOf(
      Promise.resolve(request?.(this.#storage, number)).then((all = []) => (told = all)),
    );
    this.codes[code ?? 'done'] = (this.codes[code ?? 'done'] ?? 0) + 1;
    this.secrets.push(...told.filter(isSecret));
  }

  /** A link is ELOOP on the way, and EACCES in the place of the private folder. */
  #wasLed(): boolean {
    const { done = 0, ELOOP = 0, EACCES = 0 } = this.codes;
    return done > 0 && ELOOP + EACCES > 0;
  }

  #newStorage(): DirectoryStorage {
    const { walking } = this.#plan;
    const options = { flush: false, suspendedExpiryMs: 1_000 } as const;
    return new DirectoryStorage(this.#place.root, options, { walking });
  }
}
