/** Connections in memory, whose frames a test sees in both directions. */
import { duplexPair, type Duplex } from 'node:stream';
import type { CodecName, FileServer } from '../../../src/index.js';
import { builtinCodecs, type Frame, type UnknownFrame } from '../../../src/protocol.js';
import { MAX_FRAME_BYTES, MAX_HEADER_BYTES } from '../../../src/protocol/limits.js';

const limits = { maxHeaderBytes: MAX_HEADER_BYTES, maxFrameBytes: MAX_FRAME_BYTES };

/** For the option `connect` of a client. `cuts` sees each frame; if it returns true, the connection is cut. */
export function tapped(
  server: FileServer,
  codec: CodecName,
  cuts: (frame: Frame | UnknownFrame) => boolean,
): () => Duplex {
  return () => {
    const [client, near] = duplexPair();
    const [far, end] = duplexPair();
    const cut = (): void => {
      client.destroy();
      end.destroy();
    };
    const onFrame = (frame: Frame | UnknownFrame): void => {
      if (cuts(frame)) cut();
    };
    forward({ from: near, to: far, codec }, onFrame);
    forward({ from: far, to: near, codec }, onFrame);
    server.accept(end);
    return client;
  };
}

function forward(
  { from, to, codec }: { from: Duplex; to: Duplex; codec: CodecName },
  onFrame: (frame: Frame | UnknownFrame) => void,
): void {
  const sink = { frame: onFrame, payload: () => undefined, error: () => undefined };
  const decoder = builtinCodecs[codec].decoder(sink, limits);
  from.on('data', (chunk: Buffer) => {
    decoder.write(chunk);
    if (!to.destroyed) to.write(chunk);
  });
  from.on('end', () => to.end());
  from.on('error', () => undefined);
}
