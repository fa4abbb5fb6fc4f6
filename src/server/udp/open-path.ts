/** Opens UDP paths. What a path consists of is loaded for the first one: most programs have none. */
import { TransferError } from '../../errors.js';
import type { ServerChannel } from '../../session/channel/server-channel.js';
import type { PathOrigin } from './connection-path.js';
import type { UdpPaths } from './udp-paths.js';

/** Serves a request to open a path. */
export function openPath(paths: UdpPaths | undefined, channel: ServerChannel, origin: PathOrigin): void {
  if (paths) void openLoaded(paths, channel, origin);
  else channel.fail(new TransferError('ENOTSUP', 'The server does not offer UDP.'));
}

async function openLoaded(paths: UdpPaths, channel: ServerChannel, origin: PathOrigin): Promise<void> {
  try {
    const { ConnectionPath } = await import('./connection-path.js');
    // It may have been cancelled meanwhile.
    if (channel.failure) channel.fail(channel.failure);
    else if (!channel.closed) new ConnectionPath(paths, channel, origin);
  } catch (thrown) {
    channel.fail(TransferError.from(thrown));
  }
}
