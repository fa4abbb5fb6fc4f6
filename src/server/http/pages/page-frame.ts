/** What all pages have around their content, and the policy that lets a browser run nothing but the own script of a page. */
import { createHash } from 'node:crypto';
import { escapeHtml } from './escape-html.js';
import { PAGE_SCRIPT } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';

export interface PageFrame {
  readonly head: string;
  readonly tail: string;
  /** The header Content-Security-Policy. */
  readonly policy: string;
}

const STYLE_HASH = hashOf(PAGE_STYLE);
const SCRIPT_HASH = hashOf(PAGE_SCRIPT);

/** @param hasScript - whether the page has the form that the script works on */
export function pageFrame(title: string, hasScript: boolean): PageFrame {
  const script = hasScript ? `<script>${PAGE_SCRIPT}</script>` : '';
  return {
    head:
      '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
      '<meta name="viewport" content="width=device-width, initial-scale=1">' +
      `<title>${escapeHtml(title)}</title><link rel="icon" href="data:,"><style>${PAGE_STYLE}</style></head><body>`,
    tail: `${script}</body></html>\n`,
    policy: [
      "default-src 'none'",
      `style-src '${STYLE_HASH}'`,
      'img-src data:',
      ...(hasScript ? [`script-src '${SCRIPT_HASH}'`, "connect-src 'self'"] : []),
      `form-action ${hasScript ? "'self'" : "'none'"}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
