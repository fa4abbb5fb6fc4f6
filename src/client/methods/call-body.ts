/** The input of a call as the body of the client. It stays in memory, so that it can be sent again as a whole. */
import { BodyChecksum } from '../../protocol/body-checksum.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { ClientChannel } from '../../session/channel/client-channel.js';

export class CallBody {
  readonly bytes: Buffer;
  readonly #checksum: string | undefined;

  constructor(text: string, algorithm: ChecksumAlgorithm) {
    this.bytes = Buffer.from(text);
    const check = new BodyChecksum(algorithm);
    check.update(this.bytes);
    this.#checksum = check.digest();
  }

  sendTo(channel: ClientChannel | undefined): void {
    channel?.send([this.bytes], (error) => {
      // With an error, the channel has ended, and its request knows.
      if (!error) channel.end(this.bytes.length, this.#checksum);
    });
  }
}
