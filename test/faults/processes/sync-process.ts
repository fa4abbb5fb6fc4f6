/** A client that is a process of its own, makes two directories equal, and can kill itself or tell of a moment. */
import { FileClient } from '../../../src/index.js';
import type { SyncJob, SyncReport } from './sync-child.js';

const {
  client: options,
  from,
  to,
  sync,
  killAfter,
  tellAfter,
} = JSON.parse(process.argv[2] ?? '') as SyncJob;
const client = new FileClient(options);
let sent = 0;
const result = await client.sync(from, to, {
  ...sync,
  onAction: ({ kind }) => {
    if (kind !== 'transfer') return;
    sent += 1;
    // Nothing after this line runs: no handler, no answer that is still on its way.
    if (sent === killAfter) process.kill(process.pid, 'SIGKILL');
    if (sent === tellAfter) process.send?.('now');
  },
});
const { files, copied, renamed, deleted, isComplete } = result;
const report: SyncReport = {
  moved: files + copied + renamed,
  deleted,
  isComplete,
  problems: result.problems.length,
  failed: result.failed.map(({ error }) => error.code),
};
await client.close();
process.send?.(report, () => process.disconnect());
