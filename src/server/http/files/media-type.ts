/**
 * The media types of files, by their extensions. What a browser would run in the origin of the server, such as HTML and SVG, is
 * only offered for download; scripts and styles are text, so that no page can load them.
 */

const TEXT = 'text/plain; charset=utf-8';

const types: Readonly<Record<string, string>> = {
  ...withType(TEXT, 'txt text log md markdown csv tsv ini conf cfg toml yaml yml json jsonl ndjson'),
  ...withType(TEXT, 'js mjs cjs ts tsx jsx css c h cc cpp hpp rs go py rb java kt swift sh sql diff patch'),
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
  ico: 'image/x-icon',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  flac: 'audio/flac',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  webm: 'video/webm',
  mov: 'video/quicktime',
  mkv: 'video/x-matroska',
  pdf: 'application/pdf',
};

const downloads: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  htm: 'text/html; charset=utf-8',
  xhtml: 'application/xhtml+xml',
  svg: 'image/svg+xml',
  xml: 'application/xml',
  zip: 'application/zip',
  gz: 'application/gzip',
  tar: 'application/x-tar',
};

export interface MediaType {
  readonly type: string;
  /** Whether a browser may show the file; otherwise it stores it. */
  readonly isShown: boolean;
  /** The policy under which a browser shows it. */
  readonly policy: string;
}

// A browser shows a PDF in a page of its own, which a sandbox would not let it load.
const PDF = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'";

// A player loads the file once more, from its own origin. Without `allow-scripts`, nothing runs.
const SHOWN =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; sandbox allow-same-origin";

const STORED = "default-src 'none'; sandbox";

/** The media type of a file with this name. An unknown one is bytes. */
export function mediaTypeOf(name: string): MediaType {
  const extension = /\.([a-z\d]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const shown = Object.hasOwn(types, extension) ? types[extension] : undefined;
  if (shown !== undefined) return { type: shown, isShown: true, policy: extension === 'pdf' ? PDF : SHOWN };
  const stored = Object.hasOwn(downloads, extension) ? downloads[extension] : undefined;
  return { type: stored ?? 'application/octet-stream', isShown: false, policy: STORED };
}

function withType(type: string, extensions: string): Record<string, string> {
  return Object.fromEntries(extensions.split(' ').map((extension) => [extension, type]));
}
