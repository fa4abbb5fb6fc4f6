/** The contract of a server strategy: in whatever order, it runs or rejects each request once. */
import assert from 'node:assert/strict';
import type { TransferError } from '../../errors.js';
import type { ServerRequest, ServerStrategy } from '../../server/strategies/strategy.js';
import type { ContractCase } from '../contract-case.js';

/**
 * The contract of a server strategy as cases for any test runner. The strategy must accept at least 8 requests.
 *
 * @param make - creates a strategy for each case
 */
export function strategyContract(make: () => ServerStrategy): ContractCase[] {
  return [
    {
      name: 'has a name',
      run: () => assert.notEqual(make().name, ''),
    },
    {
      name: 'runs a single request',
      run: async () => {
        const request = new FakeRequest(1);
        make().submit(request);
        request.end();
        await request.done;
        assert.equal(request.runs, 1);
      },
    },
    {
      name: 'runs or rejects each of several requests of several connections once',
      run: () => assertAllSettled(make(), (request) => request.end()),
    },
    {
      name: 'continues after requests were cancelled while they waited',
      run: () =>
        assertAllSettled(make(), (request, index) => {
          if (index % 2 === 0) request.end();
          else request.cancel();
        }),
    },
    {
      name: 'runs requests after it was idle',
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
      name: 'runs a request that is submitted while another one ends',
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

async function assertAllSettled(
  strategy: ServerStrategy,
  end: (request: FakeRequest, index: number) => void,
): Promise<void> {
  const requests = Array.from({ length: 8 }, (_, index) => new FakeRequest(index % 3));
  for (const request of requests) strategy.submit(request);
  requests.forEach(end);
  await Promise.all(requests.map(({ done }) => done));
  for (const { runs, rejections, settled } of requests) {
    // A strategy may drop a settled request.
    if (!settled || runs + rejections > 0) assert.equal(runs + rejections, 1);
  }
}

/** A request without a client. It runs until `end` is called. */
class FakeRequest implements ServerRequest {
  readonly operation = 'stat';
  readonly path = 'x';
  readonly connection: number;
  readonly origin: string;
  /** Resolves when the request has run, or was rejected or cancelled. */
  readonly done: Promise<void>;
  settled = false;
  runs = 0;
  rejections = 0;
  end!: () => void;
  readonly #ended: Promise<void>;
  #settle!: () => void;

  constructor(connection: number) {
    this.connection = connection;
    this.origin = String(connection % 2);
    this.done = new Promise((resolve) => (this.#settle = resolve));
    this.#ended = new Promise((resolve) => (this.end = resolve));
  }

  /** Cancels the request, as its client would. */
  cancel(): void {
    this.settled = true;
    this.end();
    this.#settle();
  }

  async run(): Promise<void> {
    this.runs += 1;
    await this.#ended;
    this.#settle();
  }

  reject(_error: TransferError): void {
    this.rejections += 1;
    this.#settle();
  }
}
