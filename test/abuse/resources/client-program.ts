/** A well-behaved client in its own process: `node client-program.js '{"port":2121}'`. */
import { FileClient, type FileClientOptions } from '../../../src/index.js';
import { answer } from './answering.js';
import { LARGE } from './attacked-storage.js';

/** How long a number of small requests took, in milliseconds. */
interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as FileClientOptions;
const client = new FileClient(options);
const small = Buffer.alloc(1024, 'small');
await client.writeFile('small', small);

const answers = {
  /** Milliseconds for small requests, one after the other: a stat, a download and an upload in turns. */
  latency: async (requests: number): Promise<Latency> => {
    const times: number[] = [];
    for (let number = 0; number < requests; number += 1) {
      const start = performance.now();
      await request(number);
      times.push(performance.now() - start);
    }
    times.sort((one, other) => one - other);
    const at = (part: number): number =>
      times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
    return { p50: at(0.5), p99: at(0.99), most: at(1) };
  },
  /** Milliseconds for a download of so many bytes. */
  download: async (bytes: number): Promise<number> => {
    const start = performance.now();
    let got = 0;
    for await (const chunk of client.download(LARGE, { length: bytes })) got += (chunk as Buffer).length;
    if (got !== bytes) throw new Error(`Of ${bytes} bytes ${got} have come.`);
    return performance.now() - start;
  },
  /** Milliseconds for an upload of so many bytes. */
  upload: async (bytes: number): Promise<number> => {
    const data = Buffer.alloc(bytes, 'upload');
    const start = performance.now();
    await client.writeFile('upload', data);
    return performance.now() - start;
  },
  /** Milliseconds until a client that has just come is welcomed and answered. */
  arrive: async (_: undefined): Promise<number> => {
    const start = performance.now();
    const other = new FileClient(options);
    try {
      await other.stat('small');
      return performance.now() - start;
    } finally {
      await other.close();
    }
  },
};

/** The questions that the program answers. */
export type ClientAnswers = typeof answers;

answer(answers);

async function request(number: number): Promise<void> {
  if (number % 3 === 0) await client.stat('small');
  else if (number % 3 === 1) await client.readFile('small');
  else await client.writeFile('small', small);
}
