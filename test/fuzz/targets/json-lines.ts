/** The JSON reader beside `JSON.parse`. */
import { jsonCodec } from '../../../src/codecs/lines/json.js';
import { lineOf } from '../inputs/lines.js';
import { lineTarget, type OtherReader } from './line-target.js';

const jsonParse: OtherReader = { name: 'JSON.parse', read, asRead: (value) => value };

export const jsonLinesTarget = lineTarget({ name: 'json-lines', make: lineOf('json') }, jsonCodec, jsonParse);

function read(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
