// @ts-check
/**
 * Runs the scene with the built program in terminals of tmux, and looks at them until it ends.
 *
 *     command -> keys -> tmux: the program -> screens, each with its time
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { files, panes, steps } from './scene.mjs';

/** @import { PaneName, Step } from './scene.mjs' */

/** The lines of each terminal, with their styles. @typedef {Record<PaneName, readonly string[]>} Screens */
/** @typedef {{ atMs: number, screens: Screens }} Frame */

/** Shown instead of the temporary directory. */
const HOME = '/home/ann';

const LOOK_MS = 50;

/** Time to read the screen before a command is typed, and then the command. */
const READ_MS = { screen: 1_000, command: 600 };

/** More than is drawn: nothing is wrapped, and nothing scrolls away. */
const SIZE = ['-x', '140', '-y', '60'];

/** For a command. */
const LONGEST_MS = 60_000;

const names = /** @type {PaneName[]} */ (Object.keys(panes));

/** Records all steps. @param {string} program The path of the built program. @returns {Promise<Frame[]>} */
export async function record(program) {
  const home = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
  const tmux = openTmux(home);
  try {
    for (const name of names) await writeFiles(path.join(home, name), files[name]);
    await openTerminals({ tmux, home, program });
    const recording = new Recording(tmux, home);
    for (const step of steps) await recording.play(step);
    return recording.frames;
  } finally {
    tmux('kill-server');
    // The programs still end.
    await rm(home, { recursive: true, maxRetries: 10 });
  }
}

/** Calls tmux, on a socket of its own and without the files of its user. @param {string} home */
function openTmux(home) {
  return (/** @type {string[]} */ ...args) =>
    execFileSync('tmux', ['-S', path.join(home, 'tmux'), '-f', '/dev/null', ...args], { encoding: 'utf8' });
}

/** @typedef {ReturnType<typeof openTmux>} Tmux */

/** @param {{ tmux: Tmux, home: string, program: string }} place */
async function openTerminals({ tmux, home, program }) {
  const shell = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
  await writeFiles(path.join(home, 'bin'), { 'socket-ftp': shell });
  execFileSync('chmod', ['+x', path.join(home, 'bin/socket-ftp')]);
  const env = `env -i HOME='${home}' PATH='${home}/bin':/usr/bin:/bin TERM=tmux-256color PS1='$ '`;
  for (const name of names) {
    const place = ['-s', name, '-c', path.join(home, name)];
    tmux('new-session', '-d', ...place, ...SIZE, `${env} bash --norc --noprofile`);
    tmux('set-option', '-t', name, 'status', 'off');
  }
}

class Recording {
  /** @type {Frame[]} */
  frames = [];
  #tmux;
  #home;

  /** @param {Tmux} tmux @param {string} home */
  constructor(tmux, home) {
    this.#tmux = tmux;
    this.#home = home;
  }

  /** @param {Step} step */
  async play({ pane, line, until, press, pressAfter }) {
    await this.#until(pane, /\$ *$/);
    await wait(READ_MS.screen);
    this.#tmux('send-keys', '-t', pane, '-l', line);
    await this.#until(pane, /./, line);
    await wait(READ_MS.command);
    this.#tmux('send-keys', '-t', pane, 'Enter');
    if (press && pressAfter) {
      await this.#until(pane, pressAfter, line);
      this.#tmux('send-keys', '-t', pane, press);
    }
    await this.#until(pane, until, line);
    if (pane === 'client') await this.#until(pane, /\$ *$/);
  }

  /**
   * Looks until a terminal shows a text, behind a command if there is one.
   * @param {PaneName} pane @param {RegExp} text @param {string} [line]
   */
  async #until(pane, text, line = '') {
    const end = performance.now() + LONGEST_MS;
    while (performance.now() < end) {
      this.#look();
      const shown = this.frames.at(-1)?.screens[pane].map(withoutStyles).join('\n').trimEnd() ?? '';
      const at = line === '' ? 0 : shown.lastIndexOf(`$ ${line}`);
      if (at >= 0 && text.test(shown.slice(at))) return;
      await wait(LOOK_MS);
    }
    throw new Error(`The terminal of the ${pane} never showed ${String(text)}.`);
  }

  #look() {
    const screens = { server: this.#screenOf('server'), client: this.#screenOf('client') };
    const last = this.frames.at(-1)?.screens;
    if (JSON.stringify(last) !== JSON.stringify(screens))
      this.frames.push({ atMs: performance.now(), screens });
  }

  /** @param {PaneName} name */
  #screenOf(name) {
    const text = this.#tmux('capture-pane', '-e', '-p', '-t', name).replaceAll(this.#home, HOME);
    return text.replaceAll(`${HOME}/server/`, `${HOME}/`).trimEnd().split('\n');
  }
}

/** @param {string} line */
function withoutStyles(line) {
  return line.replaceAll(/\x1b\[[\d;]*m/g, '');
}

/** @param {string} root @param {Record<string, string | Buffer>} contents */
async function writeFiles(root, contents) {
  for (const [name, content] of Object.entries(contents)) {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
