import type { ResponseHeaders } from './http-exchange.js';

/** A refusal that only HTTP knows. Any other error has the status of its code. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: ResponseHeaders;

  constructor(status: number, message: string, headers: ResponseHeaders = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
