/** The methods of the attacked server. */
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import type { FileServer } from '../../../../src/index.js';

const LARGE_OUTPUT = 'x'.repeat(1_000_000);
const PIECE = Buffer.alloc(65_536, 'x');

/** Shares methods whose streams never end by themselves, and one with a large output. */
export function shareMethods(server: FileServer): FileServer {
  return server
    .method('large', () => LARGE_OUTPUT)
    .streamMethod('endless', async (duplex) => {
      while (!duplex.destroyed) if (!duplex.write(PIECE)) await once(duplex, 'drain');
    })
    .streamMethod('echo', (duplex) => pipeline(duplex, duplex))
    .streamMethod('deaf', (duplex) => once(duplex, 'close'));
}
