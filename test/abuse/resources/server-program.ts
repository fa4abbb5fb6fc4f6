/** The attacked server: `node server-program.js '{"limits":{...}}'`. It reports its resources and their cost. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { FileServerOptions, ServerStats } from '../../../src/index.js';
import { DirectoryStorage, FileServer, parseRemotePath } from '../../../src/index.js';
import { answer } from './answering.js';
import { AttackedStorage } from './attacked-storage.js';
import { shareMethods } from './operations/shared-methods.js';

/** Options of the server; the others have their defaults. */
export type ServerJob = Pick<FileServerOptions, 'limits' | 'timeouts' | 'strategy'> & {
  /** A directory to serve. Default: an {@link AttackedStorage}. */
  readonly directory?: string;
};

/** The resources of a server, in bytes and counts, after a garbage collection. */
export interface Holdings {
  /** Heap and buffers. */
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** The most of both since the last look, garbage included. */
  readonly peakHeapBytes: number;
  readonly peakRssBytes: number;
  /** The resources that keep the process alive, by type. */
  readonly resources: Record<string, number>;
  /** Milliseconds of processor time since it was started. */
  readonly cpuMs: number;
  readonly stats: ServerStats;
}

const SAMPLE_MS = 10;

const { directory, ...job } = JSON.parse(process.argv[2] ?? '{}') as ServerJob;
const storage =
  directory === undefined ? new AttackedStorage() : new DirectoryStorage(directory, { flush: false });
const server = await shareMethods(new FileServer({ storage, ...job })).listen(0);
const errors: Record<string, number> = {};
const outcomes: Record<string, number> = {};
const peak = { heap: 0, rss: 0 };

setInterval(sample, SAMPLE_MS).unref();
server.on('disconnect', (_connection, error) => {
  const code = error?.code ?? 'none';
  errors[code] = (errors[code] ?? 0) + 1;
});
server.on('requestEnd', ({ error }) => {
  const code = error?.code ?? 'none';
  outcomes[code] = (outcomes[code] ?? 0) + 1;
});

const answers = {
  /** Where it listens. */
  port: () => server.port,
  /** The current resources. */
  look: async (): Promise<Holdings> => {
    sample();
    await collect();
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    const [peakHeapBytes, peakRssBytes] = [peak.heap, peak.rss];
    peak.heap = peak.rss = 0;
    sample();
    return {
      heapBytes: heapUsed + arrayBuffers,
      rssBytes: rss,
      peakHeapBytes,
      peakRssBytes,
      resources: resources(),
      cpuMs: cpuMs(),
      stats: server.stats(),
    };
  },
  /** Adds files in so many directories, `tree-0/file-0` and so on. */
  fill: async ({ directories, files }: { directories: number; files: number }): Promise<void> => {
    for (let number = 0; number < directories; number += 1)
      await storage.mkdir(parseRemotePath(`tree-${number}`), { recursive: false });
    for (let number = 0; number < files; number += 1) {
      const path = parseRemotePath(`tree-${number % directories}/a-file-with-a-usual-name-${number}`);
      await (await storage.write(path, { overwrite: false })).commit();
    }
  },
  /** Its counters, and how connections and requests have ended, by the code of the error. */
  stats: () => ({ ...server.stats(), errors, outcomes, cpuMs: cpuMs() }),
};

/** The questions that the program answers. */
export type ServerAnswers = typeof answers;

answer(answers);

function sample(): void {
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  peak.heap = Math.max(peak.heap, heapUsed + arrayBuffers);
  peak.rss = Math.max(peak.rss, rss);
}

async function collect(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  // The answers go through a pipe.
  for (const kind of process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap'))
    counts[kind] = (counts[kind] ?? 0) + 1;
  return { ...counts, ...descriptors() };
}

/** Open files, and directories that the system watches, which are not among the resources of Node. */
function descriptors(): Record<string, number> {
  if (process.platform !== 'linux') return {};
  const open = readdirSync('/proc/self/fd').map((number) => ({
    target: unlessClosed(() => readlinkSync(`/proc/self/fd/${number}`)),
    info: unlessClosed(() => readFileSync(`/proc/self/fdinfo/${number}`, 'utf8')),
  }));
  const watched = open.reduce((sum, { info }) => sum + info.split('inotify wd').length - 1, 0);
  // Node keeps the first watch's descriptor.
  const files = open.filter(({ target }) => target !== '' && target !== 'anon_inode:inotify');
  return { descriptors: files.length, 'watched directories': watched };
}

function unlessClosed(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
