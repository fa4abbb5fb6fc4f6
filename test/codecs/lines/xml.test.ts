import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { xmlCodec } from '../../../src/codecs/lines/xml.js';
import { Recording } from '../../../src/contracts/codec/recording.js';

function read(line: string) {
  const { frames, error } = new Recording(xmlCodec).write(Buffer.from(`${line}\n`));
  return frames[0]?.frame ?? error?.code;
}

/** The one element of a document and its attributes, as another reader sees them; undefined if it refuses. */
function readBySaxes(document: string): Record<string, string> | undefined {
  const parser = new SaxesParser();
  let isRefused = false;
  let attributes: Record<string, string> | undefined;
  parser.on('error', () => {
    isRefused = true;
  });
  parser.on('opentag', (tag) => {
    attributes = { ...tag.attributes, type: tag.name };
  });
  parser.write(document).close();
  return isRefused ? undefined : attributes;
}

describe('the XML codec', () => {
  test('reads the spellings of an empty element that XML writers produce', () => {
    const ping = { type: 'ping', token: 1 };
    for (const line of ['<ping token="1"/>', '<ping token="1" />', '<ping   token="1"   />']) {
      expect(read(line)).toEqual(ping);
    }
  });

  test('reads the five entities, and decimal and hexadecimal character references', () => {
    const line = '<error code="EX" message="&amp;&lt;&gt;&quot;&apos;&#65;&#x42;&#x1F600;&#000067;"/>';
    expect(read(line)).toEqual({ type: 'error', code: 'EX', message: '&<>"\'AB\u{1f600}C' });
  });

  test('does not expand a reference that a reference produces', () => {
    expect(read('<error code="EX" message="&amp;lt;"/>')).toMatchObject({ message: '&lt;' });
  });

  test('ignores unknown attributes', () => {
    expect(read('<ping token="1" colour="red" constructor="a>b"/>')).toEqual({ type: 'ping', token: 1 });
  });

  test('rejects a document type and a processing instruction at their second byte', () => {
    for (const second of ['!', '?', '/', ' ']) {
      const recording = new Recording(xmlCodec).write(Buffer.from('<'));
      expect(recording.error).toBeUndefined();
      expect(recording.write(Buffer.from(second)).error?.code).toBe('EPROTO');
    }
  });

  test('rejects both at the second byte of a later header, too, after a payload', () => {
    const recording = new Recording(xmlCodec).write(Buffer.from('<data id="1" length="1"/>\nx\n<!'));
    expect(recording.frames).toHaveLength(1);
    expect(recording.error?.code).toBe('EPROTO');
  });

  test('never writes an unescaped control character', () => {
    const line = xmlCodec.encode({ type: 'error', code: 'EX', message: 'a\nb' });
    expect(Buffer.from(line).toString()).toBe('<error code="EX" message="a&#10;b"/>\n');
  });

  test('accepts nothing that saxes rejects, and reads the same attributes when both accept', () => {
    let taken = 0;
    fc.assert(
      fc.property(nearlyXml, (line) => {
        const frame = read(line);
        if (typeof frame === 'string' || frame === undefined) return;
        taken++;
        const texts = Object.entries(frame).map(([name, value]) => [name, String(value)]);
        expect(readBySaxes(line)).toMatchObject(Object.fromEntries(texts));
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});

// Elements that are right but for a few characters, so that many of them are taken.
const value = fc
  .array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.constantFrom(
          'a',
          ' ',
          '>',
          "'",
          'é',
          '&amp;',
          '&#65;',
          '&#x1F4C4;',
          '&apos;',
          '\u{1f4c4}',
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '<',
          '&',
          ';',
          '"',
          '&#x0;',
          '&#xD800;',
          '&foo;',
          '\ufffe',
          '&#xFFFE;',
          '&#9;',
        ),
      },
      { weight: 1, arbitrary: fc.nat(0x110010).map((codePoint) => `&#${codePoint};`) },
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''));
const name = fc.constantFrom(
  'message',
  'message',
  'path',
  'path',
  'x',
  'xml:id',
  'a:b',
  '_',
  'a.b-c',
  '-',
  '1',
  'é',
);
const attribute = fc.tuple(name, value).map(([key, text]) => ` ${key}="${text}"`);
const ending = fc.constantFrom('/>', '/>', ' />', '>', '/ >', '/>x', '/><x/>');
const nearlyXml = fc
  .tuple(fc.array(attribute, { maxLength: 3 }), ending)
  .map(([attributes, end]) => `<error code="EX"${attributes.join('')}${end}`);
