/** Measures round trips. */
import { setTimeout as delay } from 'node:timers/promises';
import { withClient } from '../connection/with-client.js';
import type { RunCommand } from '../runner/command-context.js';
import { formatRemoteUrl, parseRemoteUrl } from '../url/remote-url.js';
import { usageError } from '../runner/usage-error.js';
import type { pingCommand } from './ping.js';

const DEFAULT_COUNT = 4;
const DEFAULT_INTERVAL_MS = 1_000;

export const runPing: RunCommand<typeof pingCommand.options> = async ({ operands, options }, context) => {
  const { output, signal } = context;
  const [url] = operands.map(parseRemoteUrl);
  if (url === undefined || url.path !== '')
    throw usageError('ping takes the URL of a server, without a path.');
  const { count = DEFAULT_COUNT, interval = DEFAULT_INTERVAL_MS } = options;
  await withClient({ url, options, context }, async (client) => {
    const times: number[] = [];
    await client.connect({ signal });
    for (let number = 1; number <= count; number += 1) {
      if (number > 1) await delay(interval, undefined, { signal });
      const ms = await client.ping({ signal });
      times.push(ms);
      output.event('pong', { number, ms });
      output.print(`${formatRemoteUrl(url)}  ${number}  ${ms.toFixed(2)} ms`);
    }
    const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length;
    const [min, max] = [Math.min(...times), Math.max(...times)].map((ms) => ms.toFixed(2));
    output.note(`min ${min} ms, mean ${mean.toFixed(2)} ms, max ${max} ms`);
  });
  return 'ok';
};
