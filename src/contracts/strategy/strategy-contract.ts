/** What every server strategy must do, whichever order it chooses: each request is served or refused, once. */
import assert from 'node:assert/strict';
import type { TransferError } from '../../errors.js';
import type { ServerRequest, ServerStrategy } from '../../server/strategies/strategy.js';
import type { ContractCase } from '../contract-case.js';

/**
 * The contract of a server strategy as cases for any test runner. The strategy must take at least 8 requests.
 *
 * @param make - makes a new strategy, for each case
 */
export function strategyContract(make: () => ServerStrategy): ContractCase[] {
  return [
    {
      name: 'has a name',
      run: () => assert.notEqual(make().name, ''),
    },
    {
      name: 'serves a request that comes alone',
      run: async () => {
        const request = new FakeRequest(1);
        make().submit(request);
        request.end();
        await request.done;
        assert.equal(request.runs, 1);
      },
    },
    {
      name: 'settles each of several requests once, of several connections',
      run: () => settlesAll(make(), (request) => request.end()),
    },
    {
      name: 'goes on when requests were cancelled while they waited',
      run: () =>
        settlesAll(make(), (request, index) => {
          if (index % 2 === 0) request.end();
          else request.cancel();
        }),
    },
    {
      name: 'takes requests after it had nothing to do',
      run: async () => {
        const strategy = make();
        for (let round = 0; round < 3; round += 1) {
          const request = new FakeRequest(round);
          strategy.submit(request);
          request.end();
          await request.done;
        }
      },
    },
    {
      name: 'takes a request that is submitted while another one ends',
      run: async () => {
        const strategy = make();
        const [first, second] = [new FakeRequest(1), new FakeRequest(1)];
        const nested = first.done.then(() => strategy.submit(second));
        strategy.submit(first);
        first.end();
        await nested;
        second.end();
        await second.done;
      },
    },
  ];
}

async function settlesAll(
  strategy: ServerStrategy,
  end: (request: FakeRequest, index: number) => void,
): Promise<void> {
  const requests = Array.from({ length: 8 }, (_, index) => new FakeRequest(index % 3));
  for (const request of requests) strategy.submit(request);
  requests.forEach(end);
  await Promise.all(requests.map(({ done }) => done));
  for (const { runs, refusals, settled } of requests) {
    // One that is over may be forgotten; any other is served or refused, once.
    if (!settled || runs + refusals > 0) assert.equal(runs + refusals, 1);
  }
}

/** A request without a client: it is served when the case says that it may end. */
class FakeRequest implements ServerRequest {
  readonly operation = 'stat';
  readonly path = 'x';
  readonly connection: number;
  readonly origin: string;
  /** Resolves when it was served or refused. */
  readonly done: Promise<void>;
  settled = false;
  runs = 0;
  refusals = 0;
  /** Lets it end, once it runs. */
  end!: () => void;
  readonly #mayEnd: Promise<void>;
  #settle!: () => void;

  constructor(connection: number) {
    this.connection = connection;
    this.origin = String(connection % 2);
    this.done = new Promise((resolve) => (this.#settle = resolve));
    this.#mayEnd = new Promise((resolve) => (this.end = resolve));
  }

  /** The client cancels it: to run it does nothing any more. */
  cancel(): void {
    this.settled = true;
    this.end();
    this.#settle();
  }

  async run(): Promise<void> {
    this.runs += 1;
    await this.#mayEnd;
    this.#settle();
  }

  reject(_error: TransferError): void {
    this.refusals += 1;
    this.#settle();
  }
}
