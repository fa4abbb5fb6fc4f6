// @ts-check
/** What the picture of the README shows: real commands, typed in two terminals. */

const MIB = 1024 * 1024;

/** @typedef {'server' | 'client'} PaneName */

/** A terminal, of which the picture has the first rows and columns. @typedef {{ title: string, columns: number, rows: number }} Pane */

/**
 * A command. A key may be pressed when the terminal shows `pressAfter`; the next command follows when it shows `until`.
 * @typedef {{ pane: PaneName, line: string, until: RegExp, press?: string, pressAfter?: RegExp }} Step
 */

/** @type {Record<PaneName, Pane>} */
export const panes = {
  server: { title: 'a server', columns: 90, rows: 8 },
  client: { title: 'a client', columns: 90, rows: 18 },
};

/** The files of the server, in `files/`, and those of the client. @type {Record<PaneName, Record<string, string | Buffer>>} */
export const files = {
  server: {
    'files/film.mp4': Buffer.alloc(80 * MIB, 'film'),
    'files/site/index.html': 'old\n'.repeat(400),
    'files/site/draft.html': 'draft\n'.repeat(300),
    'files/site/talk.mp4': Buffer.alloc(3 * MIB, 'talk'),
  },
  client: {
    'site/index.html': 'new\n'.repeat(500),
    'site/docs/guide.html': 'guide\n'.repeat(900),
    'site/docs/talk.mp4': Buffer.alloc(3 * MIB, 'talk'),
  },
};

const done = /^\d+ files?, .* in /m;

/** @type {readonly Step[]} */
export const steps = [
  { pane: 'server', line: 'socket-ftp serve --writable files', until: /^npx socket-ftp get/m },
  {
    pane: 'client',
    line: 'socket-ftp get --limit 20M socket-ftp://127.0.0.1/film.mp4',
    pressAfter: /[5-9]\d %/,
    press: 'C-c',
    until: /To continue/,
  },
  { pane: 'client', line: 'socket-ftp get socket-ftp://127.0.0.1/film.mp4', until: done },
  {
    pane: 'client',
    line: 'socket-ftp sync --dry-run --delete site socket-ftp://127.0.0.1/site',
    until: /^Dry run/m,
  },
  {
    pane: 'client',
    line: 'socket-ftp sync --delete site socket-ftp://127.0.0.1/site',
    until: /deleted\s+\$/,
  },
];
