/** Tricks of the XML notation. */
import { lineTricks } from './trick.js';

/** With one attribute more. */
const plus =
  (attribute: string) =>
  (line: string): string =>
    `${line.slice(0, -2)} ${attribute}/>`;

/** With a value that holds something. */
const value = (written: string) => plus(`future="${written}"`);

const before =
  (said: string) =>
  (line: string): string =>
    said + line;

const ENTITIES = Array.from({ length: 20 }, (_, at) => `<!ENTITY e${at + 1} "&e${at};&e${at};">`).join('');

export const xmlTricks = lineTricks(
  'xml',
  {
    'a byte order mark': before('\ufeff'),
    'a declaration': before('<?xml version="1.0"?>'),
    'a declaration on its own line': before('<?xml version="1.0"?>\n'),
    'another encoding': before('<?xml version="1.0" encoding="UTF-7"?>'),
    'an instruction': before('<?php echo 1 ?>'),
    'a document type': before('<!DOCTYPE open>'),
    'a document type from elsewhere': before('<!DOCTYPE open SYSTEM "file:///etc/passwd">'),
    'an entity': before('<!DOCTYPE open [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    'a billion laughs': before(`<!DOCTYPE open [<!ENTITY e0 "ha">${ENTITIES}]>`),
    'a parameter entity': before('<!DOCTYPE open [<!ENTITY % x SYSTEM "http://127.0.0.1/">%x;]>'),
    'a comment': before('<!-- -->'),
    'a comment without an end': before('<!--'),
    CDATA: before('<![CDATA[ ]]>'),
    'a comment after it': (line) => `${line}<!-- -->`,
    'a comment in it': (line) => line.replace(' ', ' <!-- --> '),
    'a space before it': before(' '),
    'a space after it': (line) => `${line} `,
    'text after it': (line) => `${line}text`,
    'two elements': (line) => line + line,
    'an end tag': (line) => line.replace(/^<([a-z]+)(.*)\/>$/, '<$1$2></$1>'),
    'no end': (line) => line.slice(0, -2),
    'half an end': (line) => line.slice(0, -1),
    'an end of another order': (line) => `${line.slice(0, -2)}>/`,
    content: (line) => line.replace(/^<([a-z]+)(.*)\/>$/, '<$1$2>x</$1>'),
    'CDATA as content': (line) => line.replace(/^<([a-z]+)(.*)\/>$/, '<$1$2><![CDATA[x]]></$1>'),
    'a child': (line) => line.replace(/^<([a-z]+)(.*)\/>$/, '<$1$2><a/></$1>'),
    'an element around it': (line) => `<a>${line}</a>`,
    'deep nesting': (line) => `${'<a>'.repeat(5_000)}${line}`,
    'a prefix': (line) => line.replace('<', '<s:'),
    'a prefix of an attribute': plus('s:future="1"'),
    'a namespace': plus('xmlns="http://example.org/"'),
    'a namespace with a prefix': plus('xmlns:s="http://example.org/"'),
    'xml:lang': plus('xml:lang="en"'),
    'a type as an attribute': plus('type="ping"'),
    'an attribute twice': plus('future="1" future="1"'),
    'an id twice': plus('id="1"'),
    'single quotes': (line) => line.replaceAll('"', "'"),
    'no quotes': plus('future=1'),
    'quotes that differ': plus(`future="1'`),
    'a quote too many': plus('future="1""'),
    'a space before an equals sign': plus('future ="1"'),
    'a space after an equals sign': plus('future= "1"'),
    'no equals sign': plus('future"1"'),
    'no value': plus('future'),
    'no space between attributes': plus('a="1"b="2"'),
    'a tab between attributes': (line) => line.replace(' ', '\t'),
    'a space before its name': (line) => line.replace('<', '< '),
    'no name': (line) => line.replace(/^<[a-z]+/, '<'),
    'a name that is a number': (line) => line.replace(/^<[a-z]+/, '<3'),
    'a name of an attribute that is a number': plus('3="1"'),
    'a name beyond ASCII': plus('größe="1"'),
    'a slash in it': plus('/ a="1"'),
    'a less-than sign in a value': value('<'),
    'an element in a value': value('<a/>'),
    'an ampersand alone': value('&'),
    'an ampersand and a space': value('& amp;'),
    'an entity without its end': value('&amp'),
    'an entity of HTML': value('&nbsp;'),
    'an entity of nobody': value('&xxe;'),
    'an entity in capitals': value('&AMP;'),
    'an entity that is empty': value('&;'),
    'a parameter entity in a value': value('&%x;'),
    'a reference to nothing': value('&#;'),
    'a reference to nothing, hexadecimal': value('&#x;'),
    'a reference to NUL': value('&#0;'),
    'a reference to a control character': value('&#1;'),
    'a reference to an escape': value('&#x1b;'),
    'a reference to a surrogate': value('&#xD800;'),
    'a reference to two surrogates': value('&#xD83D;&#xDCBE;'),
    'a reference to U+FFFE': value('&#xFFFE;'),
    'a reference to U+FFFF': value('&#65535;'),
    'a reference beyond Unicode': value('&#x110000;'),
    'a reference of a hundred digits': value(`&#${'9'.repeat(100)};`),
    'a negative reference': value('&#-65;'),
    'a reference with a fraction': value('&#65.0;'),
    'a reference with a capital X': value('&#X41;'),
    'a reference with a space': value('&# 65;'),
    'a null byte': value('\0'),
    'a delete': value('\x7f'),
    'a CR in it': value('\r'),
    'ten thousand ampersands': value('&'.repeat(10_000)),
    'UTF-16': (line) => Buffer.from(line, 'utf16le'),
    JSON: () => '{"type":"ping","token":1}',
  },
  {
    'a CR before its end': (line) => `${line}\r`,
    'spaces before its end': (line) => line.replace('/>', '   />'),
    'spaces between attributes': (line) => line.replaceAll(' ', '   '),
    'a reference to a digit': (line) => line.replace('id="1"', 'id="&#49;"'),
    'a reference to a digit, hexadecimal': (line) => line.replace('id="1"', 'id="&#x31;"'),
    'a reference with zeros': (line) => line.replace('id="1"', 'id="&#0000049;"'),
    'an entity of an entity': value('&amp;lt;'),
    'a greater-than sign in a value': value('>'),
    'every entity': value('&amp;&lt;&gt;&quot;&apos;'),
    'a thousand entities': value('&amp;'.repeat(1_000)),
    'the name constructor': plus('constructor="1"'),
    'the name __proto__': plus('__proto__="1"'),
    'an attribute nobody knows': value('1'),
    'four thousand attributes': (line) =>
      `${line.slice(0, -2)}${Array.from({ length: 4_000 }, (_, at) => ` f${at}="1"`).join('')}/>`,
  },
);
