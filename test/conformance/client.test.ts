/** The client plays the conformance kit in every codec. */
import { describe, it } from 'vitest';
import { playClient } from '../vectors/conformance/kit/client-kit.mjs';
import { transcriptsFor } from '../vectors/conformance/kit/files.mjs';
import { codecNames } from '../vectors/conformance/kit/wire.mjs';
import { drive } from '../vectors/conformance/driver.mjs';

describe.each(codecNames)('the client in %s', (codec) => {
  it.each(transcriptsFor('client', codec).map((transcript) => [String(transcript.name), transcript]))(
    '%s',
    async (_name, transcript) => {
      await playClient(transcript, {
        codec,
        timeoutMs: 5_000,
        drive: (command, port) => drive({ ...command, codec, port }),
      });
    },
  );
});
