/** The pages in a real browser, if one is installed. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { serveHttp } from '../../support/http/ask.js';
import { browserCommand, BrowserPage } from '../../support/http/chromium.js';
import { temporaryDirectory } from '../../support/servers/serve.js';

describe.skipIf(browserCommand === undefined)('a browser', () => {
  it('shows the page of a directory with its style, and runs nothing that is in a name', async () => {
    const evil = '<img src=x onerror=document.title=1>';
    const { port } = await serveHttp({ [evil]: '', 'b.txt': 'text' }, { portableNames: false });
    const page = await BrowserPage.open();
    await page.goTo(`http://localhost:${port}/`);
    expect(await page.evaluate('document.title')).toBe('Files');
    expect(await page.evaluate("document.querySelector('td bdi').textContent")).toBe(evil);
    expect(await page.evaluate('document.images.length')).toBe(0);
    const maxWidth = await page.evaluate('getComputedStyle(document.body).maxWidth');
    expect(maxWidth).not.toBe('none');
    // The policy applies to scripts that come in any other way, too.
    await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p onclick=1 style=color:red></p>')");
    await page.evaluate("document.querySelector('p:last-child').click()");
    expect(page.complaints.join()).toContain('Content Security Policy');
  }, 120_000);

  it('neither overflows a narrow screen nor a wide one, in the colours of the system', async () => {
    const { port } = await serveHttp({ [`${'long-name-'.repeat(20)}.txt`]: 'text' });
    const page = await BrowserPage.open();
    const backgrounds = new Set<string>();
    for (const value of ['light', 'dark']) {
      await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
      for (const width of [390, 1_280]) {
        const screen = { width, height: 800, deviceScaleFactor: 1, mobile: false };
        await page.send('Emulation.setDeviceMetricsOverride', screen);
        await page.goTo(`http://localhost:${port}/`);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        backgrounds.add(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
      }
    }
    expect(backgrounds.size).toBe(2);
    expect(page.complaints).toEqual([]);
  }, 120_000);

  it('plays a file of sound and shows an image, in which nothing can run', async () => {
    const { port } = await serveHttp({ 'a.wav': silence(), 'a.png': PIXEL, 'a.txt': '<script>1</script>' });
    const page = await BrowserPage.open();
    await page.goTo(`http://localhost:${port}/a.wav`);
    for (let ready = 0; ready === 0;)
      ready = await page.evaluate("document.querySelector('video').readyState");
    expect(await page.evaluate("document.querySelector('video').duration")).toBe(1);
    await page.goTo(`http://localhost:${port}/a.png`);
    expect(await page.evaluate('document.images[0].naturalWidth')).toBe(1);
    await page.goTo(`http://localhost:${port}/a.txt`);
    expect(await page.evaluate('document.scripts.length')).toBe(0);
    expect(page.complaints.filter((text) => !text.includes('404'))).toEqual([]);
  }, 120_000);

  it('uploads chosen files one by one, and does not replace one unless it is told to', async () => {
    const { port, connect } = await serveHttp({ 'd/old.txt': 'old' });
    const directory = await temporaryDirectory();
    const [old, large] = [path.join(directory, 'old.txt'), path.join(directory, 'ü & large.bin')];
    await writeFile(old, 'new');
    await writeFile(large, Buffer.alloc(2_000_000, 'x'));
    const page = await BrowserPage.open();
    await page.goTo(`http://localhost:${port}/d/`);
    await page.chooseFiles('input[type=file]', [large, old]);
    const failed = `new Promise((resolve) => {
      new MutationObserver(() => document.querySelector('.bad') && resolve(document.querySelector('.bad').textContent))
        .observe(document.querySelector('ul'), { subtree: true, childList: true, attributes: true });
      document.querySelector('button').click();
    })`;
    expect(await page.evaluate(failed)).toBe('old.txt: A file with this name exists.');
    const client = connect();
    expect((await client.stat('d/ü & large.bin')).size).toBe(2_000_000);
    expect((await client.readFile('d/old.txt')).toString()).toBe('old');
    await page.chooseFiles('input[type=file]', [old]);
    const reloaded = page.next('Page.loadEventFired');
    await page.evaluate("document.querySelector('[name=overwrite]').checked = true");
    await page.evaluate("document.querySelector('button').click()");
    await reloaded;
    expect((await client.readFile('d/old.txt')).toString()).toBe('new');
  }, 120_000);

  it('sends the form without scripts, too', async () => {
    const { port, connect } = await serveHttp();
    const directory = await temporaryDirectory();
    await writeFile(path.join(directory, 'a.txt'), 'text');
    const page = await BrowserPage.open();
    await page.send('Emulation.setScriptExecutionDisabled', { value: true });
    await page.goTo(`http://localhost:${port}/`);
    await page.chooseFiles('input[type=file]', [path.join(directory, 'a.txt')]);
    const loaded = page.next('Page.loadEventFired');
    const { root } = await page.send('DOM.getDocument');
    const { nodeId } = await page.send('DOM.querySelector', { nodeId: root.nodeId, selector: 'button' });
    await page.send('DOM.focus', { nodeId });
    const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' };
    await page.send('Input.dispatchKeyEvent', { type: 'keyDown', ...enter });
    await page.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
    await loaded;
    expect((await connect().readFile('a.txt')).toString()).toBe('text');
  }, 120_000);
});

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** A second of silence: 8,000 samples of 8 bits. */
function silence(): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + 8_000, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16); // bytes of the format
  head.writeUInt16LE(1, 20); // PCM
  head.writeUInt16LE(1, 22); // channels
  head.writeUInt32LE(8_000, 24); // samples a second
  head.writeUInt32LE(8_000, 28); // bytes a second
  head.writeUInt16LE(1, 32); // bytes of a sample
  head.writeUInt16LE(8, 34); // bits of a sample
  head.write('data', 36);
  head.writeUInt32LE(8_000, 40);
  return Buffer.concat([head, Buffer.alloc(8_000, 128)]);
}
