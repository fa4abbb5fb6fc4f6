/** The XML reader beside saxes. */
import { SaxesParser } from 'saxes';
import { xmlCodec } from '../../../src/codecs/lines/xml.js';
import { lineOf } from '../inputs/lines.js';
import { lineTarget, type OtherReader } from './line-target.js';

const saxes: OtherReader = { name: 'saxes', read, asRead: String };

export const xmlLinesTarget = lineTarget({ name: 'xml-lines', make: lineOf('xml') }, xmlCodec, saxes);

/** The attributes and the name of the only element. */
function read(line: string): Record<string, unknown> | undefined {
  const parser = new SaxesParser();
  let isRefused = false;
  let elements = 0;
  const attributes: Record<string, unknown> = {};
  parser.on('error', () => {
    isRefused = true;
  });
  parser.on('opentag', (tag) => {
    elements += 1;
    Object.assign(attributes, tag.attributes, { type: tag.name });
  });
  parser.write(line).close();
  return isRefused || elements !== 1 ? undefined : attributes;
}
