/**
 * Where a command writes: results to standard output, everything else to standard error. No text reaches a terminal with a
 * control character: each is escaped here, and styles are added after that.
 */
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { escapeControlCharacters, safeJson } from './escape-control-characters.js';
import type { EventFields, EventName } from './events.js';

/** A stream that may be a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

/** What the common options say. */
export interface OutputSettings {
  /** NDJSON instead of text. */
  readonly isJson: boolean;
  /** No summary, no notes; errors are written all the same. */
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
}

/** The styles of this program. */
export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';

/** A piece of a line: a text, or one with a style. */
export type Piece = string | readonly [style: Style, text: string];

/** Columns of a terminal that does not tell. */
const DEFAULT_COLUMNS = 80;

export class Output {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly settings: OutputSettings;
  readonly #colours: boolean;
  /** Removes what stands on the terminal for a moment, such as progress, before a line is written, and draws it again. */
  #overlay: ((write: () => void) => void) | undefined;

  constructor(
    streams: { stdout: OutputStream; stderr: OutputStream },
    settings: OutputSettings,
    env: NodeJS.ProcessEnv = {},
  ) {
    this.stdout = streams.stdout;
    this.stderr = streams.stderr;
    this.settings = settings;
    this.#colours = !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  }

  /** Writes a line of the result to standard output, unless the output is JSON. */
  print(...line: readonly Piece[]): void {
    if (!this.settings.isJson) this.#write(this.stdout, line);
  }

  /** Writes an event to standard output if the output is JSON. */
  event<Name extends EventName>(event: Name, fields: EventFields<Name>): void {
    if (!this.settings.isJson) return;
    this.#around(() => this.stdout.write(`${safeJson({ v: 1, event, ...fields })}\n`));
  }

  /** Writes a line about the work to standard error, unless `--quiet` is given. */
  note(...line: readonly Piece[]): void {
    if (!this.settings.isQuiet) this.#write(this.stderr, line);
  }

  /** Writes a line to standard error if `--verbose` is given. */
  detail(...line: readonly Piece[]): void {
    if (this.settings.isVerbose) this.note(...line);
  }

  /** Writes an error to standard error. */
  error(message: string): void {
    this.#write(this.stderr, [['red', 'socket-ftp:'], ` ${message}`]);
  }

  /** Columns of the terminal of standard error; undefined if it is none. A terminal without a size says 0. */
  get columns(): number | undefined {
    return this.stderr.isTTY ? this.stderr.columns || DEFAULT_COLUMNS : undefined;
  }

  /** Sets what surrounds every write. */
  setOverlay(overlay: ((write: () => void) => void) | undefined): void {
    this.#overlay = overlay;
  }

  /** Pieces as a text with styles, if the stream shows them. */
  render(stream: OutputStream, line: readonly Piece[]): string {
    return line.map((piece) => this.#rendered(stream, piece)).join('');
  }

  #rendered(stream: OutputStream, piece: Piece): string {
    if (typeof piece === 'string') return escapeControlCharacters(piece);
    const [style, text] = piece;
    const safe = escapeControlCharacters(text);
    return stream.isTTY && this.#colours ? styleText(style, safe, { validateStream: false }) : safe;
  }

  #write(stream: OutputStream, line: readonly Piece[]): void {
    this.#around(() => stream.write(`${this.render(stream, line)}\n`));
  }

  #around(write: () => void): void {
    if (this.#overlay) this.#overlay(write);
    else write();
  }
}
