/** The server of the growth bench: a directory without fsync, or a storage that only counts bytes. */
// @ts-check
import { DirectoryStorage, FileServer } from 'socket-ftp';
import { CountingStorage } from './counting-storage.mjs';
import { serveJobs } from './metered.mjs';

const { storage, limits } = JSON.parse(process.argv[2] ?? '{}');
const server = new FileServer({
  storage:
    storage.root === undefined ? new CountingStorage() : new DirectoryStorage(storage.root, { flush: false }),
  limits,
});
await server.listen(0);

serveJobs({ sentBytes: () => server.stats().bytesSent, connections: () => server.stats().connections }, () =>
  server.close({ graceMs: 0 }),
);
process.send?.(server.port);
