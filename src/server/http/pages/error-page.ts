import { escapeHtml } from './escape-html.js';
import { pageFrame } from './page-frame.js';

export interface ShownError {
  readonly status: number;
  readonly title: string;
  readonly message: string;
}

/** The page of a request that has failed. */
export function errorPage({ status, title, message }: ShownError): { text: string; policy: string } {
  const { head, tail, policy } = pageFrame(title, false);
  const text = `${head}<main><h1>${status} ${escapeHtml(title)}</h1><p>${escapeHtml(message)}</p></main>${tail}`;
  return { text, policy };
}
