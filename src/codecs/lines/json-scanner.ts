/** Reads a line of JSON token by token. An unexpected token throws EPROTO or a SyntaxError. */
import { protocolError, type TransferError } from '../../errors.js';
import { parseSigned } from '../../protocol/fields.js';

const [SPACE, QUOTE, BACKSLASH, MINUS, ZERO, NINE] = [0x20, 0x22, 0x5c, 0x2d, 0x30, 0x39];

/** A position in a line without control characters, so that tokens are separated by spaces only. */
export class JsonScanner {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#line.length;
  }

  /** Skips spaces, and this character if it is next. Returns whether it was. */
  consume(unit: number): boolean {
    this.#skipSpaces();
    const isNext = this.#line.charCodeAt(this.#at) === unit;
    if (isNext) this.#at += 1;
    return isNext;
  }

  /** Reads a string. */
  string(): string {
    this.#skipSpaces();
    const [line, start] = [this.#line, this.#at + 1];
    if (line.charCodeAt(this.#at) !== QUOTE) throw notFlatObject();
    const quote = line.indexOf('"', start);
    const text = line.slice(start, quote);
    if (quote < 0 || text.includes('\\')) return this.#escapedString();
    this.#at = quote + 1;
    return text;
  }

  /** Reads a string, an integer, true or false. */
  value(): string | number | boolean {
    this.#skipSpaces();
    const unit = this.#line.charCodeAt(this.#at);
    if (unit === QUOTE) return this.string();
    if (unit === MINUS || isDigit(unit)) return this.#integer();
    return this.#flag();
  }

  #skipSpaces(): void {
    while (this.#line.charCodeAt(this.#at) === SPACE) this.#at += 1;
  }

  #escapedString(): string {
    const [line, start] = [this.#line, this.#at];
    let end = start + 1;
    for (; line.charCodeAt(end) !== QUOTE; end += line.charCodeAt(end) === BACKSLASH ? 2 : 1) {
      if (end >= line.length) throw notFlatObject();
    }
    this.#at = end + 1;
    // It throws if an escape is invalid.
    return String(JSON.parse(line.slice(start, end + 1)));
  }

  #flag(): boolean {
    const flag = this.#line.startsWith('true', this.#at);
    if (!flag && !this.#line.startsWith('false', this.#at)) throw notFlatObject();
    this.#at += flag ? 'true'.length : 'false'.length;
    return flag;
  }

  #integer(): number {
    const start = this.#at;
    if (this.#line.charCodeAt(start) === MINUS) this.#at += 1;
    while (isDigit(this.#line.charCodeAt(this.#at))) this.#at += 1;
    const integer = parseSigned(this.#line.slice(start, this.#at));
    if (integer === undefined)
      throw protocolError('An integer exceeds 2^53 - 1 or is not in its shortest form.');
    return integer;
  }
}

function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= NINE;
}

export function notFlatObject(): TransferError {
  return protocolError('A header must be one flat JSON object of strings, integers, true and false.');
}
