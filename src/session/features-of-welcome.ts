/** What a client takes from `welcome`. */
import { protocolError, TransferError } from '../errors.js';
import { isHexId } from '../protocol/fields.js';
import type { FrameOf } from '../protocol/frames.js';
import { parseFeatures, type Feature } from '../protocol/handshake/features.js';
import { INITIAL_MAX_CHANNELS, MIN_FRAME_BYTES, PROTOCOL_VERSION } from '../protocol/limits.js';

/** Throws if this client cannot work with what `welcome` says. Returns the features of the server. */
export function featuresOfWelcome(frame: FrameOf<'welcome'>): ReadonlySet<Feature> {
  if (frame.version < 1 || frame.version > PROTOCOL_VERSION) {
    const reason = `The server uses protocol version ${frame.version}; this client supports ${PROTOCOL_VERSION}.`;
    throw new TransferError('EPROTONOSUPPORT', reason);
  }
  if (frame.maxFrame < MIN_FRAME_BYTES || frame.maxChannels < INITIAL_MAX_CHANNELS) {
    throw protocolError(
      `The limits in welcome are too low: maxFrame is ${frame.maxFrame} (at least ${MIN_FRAME_BYTES}), maxChannels is ${frame.maxChannels} (at least ${INITIAL_MAX_CHANNELS}).`,
    );
  }
  if (frame.session !== undefined && !isHexId(frame.session))
    throw protocolError('The session in welcome must be 32 lower-case hexadecimal digits.');
  return parseFeatures(frame.features);
}
