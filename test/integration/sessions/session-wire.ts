/** Connections of raw clients in sessions. */
import { onTestFinished } from 'vitest';
import type { CodecName } from '../../../src/codecs/builtin.js';
import { put } from '../../../src/contracts/storage/storage-fixture.js';
import { parseRemotePath, type FileServerOptions } from '../../../src/index.js';
import type { FrameOf } from '../../../src/protocol/frames.js';
import { FrameWire } from '../../support/frames/frame-wire.js';
import { HeldStorage } from '../../support/doubles/held-storage.js';
import { serve, type Served } from '../../support/servers/serve.js';

/** A request of a test, without the id of its channel. */
export type Open = Omit<FrameOf<'open'>, 'type' | 'id'>;

export interface InSession {
  readonly wire: FrameWire;
  readonly session: string;
}

/** Opens a connection in a session; without an id, or for one that the server does not continue, in a new one. */
export async function enter(port: number, codec: CodecName, session?: string): Promise<InSession> {
  const { wire, welcome } = await FrameWire.open(port, codec, { features: 'session', session });
  if (welcome.session === undefined) throw new Error('The welcome has no session.');
  return { wire, session: welcome.session };
}

/** A server of a storage whose calls can be held, with the files `a` and `tree/a`. */
export async function serveHeld(
  options: Omit<FileServerOptions, 'storage' | 'root'> = {},
): Promise<Served & { readonly held: HeldStorage }> {
  const held = new HeldStorage();
  const served = await serve({ storage: held.storage, ...options });
  await held.memory.mkdir(parseRemotePath('tree'), { recursive: false });
  for (const path of ['a', 'tree/a']) await put(held.memory, path, 'text');
  return { ...served, held };
}

/** Resolves when the server has noticed the end of a connection that is cut now. */
export async function cut({ server }: Served, { wire }: InSession): Promise<void> {
  const lost = new Promise<void>((resolve) => server.once('disconnect', () => resolve()));
  wire.cut();
  await lost;
}

/** Resolves when the server has received so many requests more. */
export function requests({ server }: Served, count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    const onStart = (): void => {
      left -= 1;
      if (left > 0) return;
      server.off('requestStart', onStart);
      resolve();
    };
    server.on('requestStart', onStart);
    onTestFinished(() => void server.off('requestStart', onStart));
  });
}
