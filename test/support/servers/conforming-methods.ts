/** The methods that the conformance kit expects of a server. */
import type { FileServer } from '../../../src/index.js';

/** Shares them. Returns the server. */
export function withConformingMethods(server: FileServer): FileServer {
  return server.streamMethod('echo-stream', async (duplex) => {
    let bytes = 0;
    for await (const chunk of duplex as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      duplex.write(chunk);
    }
    return { bytes };
  });
}
