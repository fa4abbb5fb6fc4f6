/** A server or a client of the measurement of trees, in a process of its own. */
import { FileClient, FileServer } from '../../../dist/index.js';

const [role, first = '', directory = '', port] = process.argv.slice(2);

function used() {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  return { rss: Math.round(maxRSS / 1024), cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
}

if (role === 'server') {
  const server = await new FileServer({ root: first, flush: false }).listen(0);
  process.send?.(server.address().port);
  process.once('message', () => {
    process.send?.(used());
    void server.close().then(() => process.disconnect());
  });
} else {
  const client = new FileClient({ port: Number(port) });
  await client.connect();
  const startedMs = performance.now();
  const options = { flush: false };
  const result =
    first === 'up'
      ? await client.uploadDirectory(directory, '/', options)
      : await client.downloadDirectory('/', directory, options);
  if (result.failed.length > 0) throw result.failed[0].error;
  const seconds = (performance.now() - startedMs) / 1_000;
  await client.close();
  process.send?.({ seconds, ...used() });
  process.disconnect();
}
