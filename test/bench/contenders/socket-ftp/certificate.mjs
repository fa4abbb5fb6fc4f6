/** A certificate, made as the tests make theirs. */
// @ts-check
import { readFile } from 'node:fs/promises';

/**
 * Makes a self-signed certificate.
 *
 * @returns {Promise<import('../../../support/servers/certificates.js').Certificate>}
 */
export async function makeCertificate() {
  const source = new URL('../../../support/servers/certificates.ts', import.meta.url);
  const { default: typescript } = await import('typescript');
  const { ModuleKind, ScriptTarget } = typescript;
  const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2023 };
  const { outputText } = typescript.transpileModule(await readFile(source, 'utf8'), { compilerOptions });
  const url = `data:text/javascript,${encodeURIComponent(outputText)}`;
  const certificates = /** @type {typeof import('../../../support/servers/certificates.js')} */ (
    await import(url)
  );
  return certificates.selfSigned('127.0.0.1');
}
