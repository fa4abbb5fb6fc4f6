import { PAGE_PIECE_BYTES } from '../limits.js';
import type { HttpExchange } from '../requests/http-exchange.js';

/** Writes a page in pieces. */
export class PageWriter {
  readonly #exchange: HttpExchange;
  #text = '';

  constructor(exchange: HttpExchange) {
    this.#exchange = exchange;
  }

  /** Returns a promise only when a piece is full. */
  add(text: string): Promise<void> | undefined {
    this.#text += text;
    return this.#text.length < PAGE_PIECE_BYTES ? undefined : this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    await this.#exchange.write(text);
  }
}
