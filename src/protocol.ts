/**
 * socket-ftp/protocol: the parts of the protocol that authors of codecs need.
 *
 * @packageDocumentation
 * @module socket-ftp/protocol
 */

// Codecs
export { builtinCodecs, type CodecName } from './codecs/builtin.js';
export type { Codec, Decoder, DecoderLimits, FrameSink } from './codecs/codec.js';
export { defineLineCodec, type LineFormat } from './codecs/lines/line-codec.js';

// Frames and their fields
export { fieldsOf, frameTable } from './protocol/frames.js';
export { frameFromRecord, type WireRecord } from './protocol/records/frame-from-record.js';
export type { FieldsOf, Frame, FrameOf, FrameType, Sender, UnknownFrame } from './protocol/frames.js';
export { fieldTable } from './protocol/fields.js';
export type { FieldName, FieldType, FieldTypes, FieldValue } from './protocol/fields.js';
