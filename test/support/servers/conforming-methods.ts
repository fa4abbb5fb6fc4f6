/** The methods that the conformance kit expects of a server. */
import type { FileServer } from '../../../src/index.js';

/** Shares them. Returns the server. */
export function withConformingMethods(server: FileServer): FileServer {
  let count = 0;
  server.method('conformance.echo', (input) => input);
  server.method('conformance.count', () => (count += 1));
  return server.streamMethod('conformance.echo-stream', async (duplex) => {
    let bytes = 0;
    for await (const chunk of duplex as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      duplex.write(chunk);
    }
    return { bytes };
  });
}
