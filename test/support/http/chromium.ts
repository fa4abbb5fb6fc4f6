/** A headless Chromium, spoken to over a pipe by the DevTools protocol. For tests of pages; without the browser they are skipped. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The command of a browser that is installed. */
export const browserCommand = NAMES.find((name) => spawnSync(name, ['--version']).status === 0);

/** The results of the methods that are called here. */
interface Result {
  readonly targetId: string;
  readonly sessionId: string;
  readonly root: { readonly nodeId: number };
  readonly nodeId: number;
  readonly result: { readonly value: unknown };
}

/** The parameters of the events that are looked at here. */
interface Parameters {
  readonly entry: { readonly text: string };
  readonly exceptionDetails: { readonly text: string };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params: Parameters;
  readonly result: Result;
  readonly error?: { readonly message: string };
}

/** A page of the browser. */
export class BrowserPage {
  /** What the page has written to its console, and what its policy has refused. */
  readonly complaints: string[] = [];
  readonly #browser: ChildProcess;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #events: ((message: Message) => void)[] = [];
  #sessionId: string | undefined;
  #lastId = 0;
  #text = '';

  static async open(): Promise<BrowserPage> {
    const page = new BrowserPage();
    const { targetId } = await page.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await page.send('Target.attachToTarget', { targetId, flatten: true });
    page.#sessionId = sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'DOM']) await page.send(`${domain}.enable`);
    return page;
  }

  constructor() {
    const profile = mkdtempSync(path.join(tmpdir(), 'socket-ftp-browser-'));
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
    ];
    this.#browser = spawn(browserCommand ?? '', flags, {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    onTestFinished(async () => {
      const closed = new Promise((resolve) => this.#browser.once('close', resolve));
      // It ends its processes. Killed, it would leave some that still write into the profile.
      void this.send('Browser.close');
      await closed;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
    });
    const output = this.#browser.stdio[4] as Readable;
    output.setEncoding('utf8').on('data', (text: string) => this.#receive(text));
  }

  /** Calls a method of the DevTools protocol. */
  async send(method: string, params: object = {}): Promise<Result> {
    const id = ++this.#lastId;
    const answer = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    const message = JSON.stringify({ id, method, params, sessionId: this.#sessionId });
    (this.#browser.stdio[3] as Writable).write(`${message}\0`);
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** Resolves at the next event with this name. */
  next(method: string): Promise<void> {
    return new Promise((resolve) => {
      const listener = (message: Message): void => {
        if (message.method !== method) return;
        this.#events.splice(this.#events.indexOf(listener), 1);
        resolve();
      };
      this.#events.push(listener);
    });
  }

  /** Opens a URL, and resolves when its page is loaded. */
  async goTo(url: string): Promise<void> {
    const loaded = this.next('Page.loadEventFired');
    await this.send('Page.navigate', { url });
    await loaded;
  }

  /** The value of an expression in the page. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const { result } = await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    return result.value as Value;
  }

  /** Chooses files of this machine in the field that a selector names. */
  async chooseFiles(selector: string, files: readonly string[]): Promise<void> {
    const { root } = await this.send('DOM.getDocument');
    const { nodeId } = await this.send('DOM.querySelector', { nodeId: root.nodeId, selector });
    await this.send('DOM.setFileInputFiles', { nodeId, files });
  }

  #receive(text: string): void {
    const messages = (this.#text + text).split('\0');
    this.#text = messages.pop() ?? '';
    for (const each of messages) this.#handle(JSON.parse(each) as Message);
  }

  #handle(message: Message): void {
    const { id, method, params } = message;
    if (id !== undefined) this.#waiting.get(id)?.(message);
    if (method === 'Log.entryAdded') this.complaints.push(params.entry.text);
    if (method === 'Runtime.exceptionThrown') this.complaints.push(params.exceptionDetails.text);
    for (const listener of [...this.#events]) listener(message);
  }
}
