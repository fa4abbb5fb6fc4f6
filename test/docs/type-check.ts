/** Compiles the code of documents against the sources, all of it in one program. */
import path from 'node:path';
import ts from 'typescript';
import { repositoryRoot } from '../support/repository.js';
import type { Fence } from './markdown.js';

/** The languages that the compiler checks. */
const LANGUAGES = ['ts', 'js'];

/** A file that the compiler is given: a block, as a reader would copy it. */
interface Copied {
  readonly fileName: string;
  readonly text: string;
  /** Lines above the block. */
  readonly linesAbove: number;
}

/**
 * The errors of the compiler in blocks of code, as `document:line: message`. A block compiles alone, or below the
 * first one of its document, which has the shared declarations.
 */
export function typeErrors(fences: readonly Fence[]): string[] {
  const checked = fences.filter(({ language }) => LANGUAGES.includes(language));
  const copies = checked.map((fence) => {
    const opening = checked.find(({ document }) => document === fence.document);
    const alone = copied(fence);
    return { fence, alone, below: opening && opening !== fence ? copied(fence, opening) : alone };
  });
  const program = compile(copies.flatMap(({ alone, below }) => [alone, below]));
  return copies.flatMap(({ fence, alone, below }) =>
    found(program, fence, alone).length === 0 ? [] : found(program, fence, below),
  );
}

/** In the repository's root, so that the module is resolved as the project's own are. */
function copied({ document, line, language, code }: Fence, opening?: Fence): Copied {
  const name = `${document.replaceAll('/', '-')}-${line}${opening ? '-below' : ''}.${language}`;
  const above = opening ? `${opening.code}\n` : '';
  return {
    fileName: path.join(repositoryRoot, name).replaceAll('\\', '/'),
    text: `${above}${code}\nexport {};`,
    linesAbove: above.split('\n').length - 1,
  };
}

/** The errors within the block itself. */
function found(program: ts.Program, fence: Fence, { fileName, linesAbove }: Copied): string[] {
  const source = program.getSourceFile(fileName);
  const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  return diagnostics.flatMap(({ file, start, messageText }) => {
    const line = (file?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0) - linesAbove;
    const message = ts.flattenDiagnosticMessageText(messageText, ' ');
    return line < 0 ? [] : [`${fence.document}:${fence.line + line}: ${message}`];
  });
}

function compile(files: readonly Copied[]): ts.Program {
  const texts = new Map(files.map(({ fileName, text }) => [fileName, text]));
  const { config } = ts.readConfigFile(path.join(repositoryRoot, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: [] },
    ts.sys,
    repositoryRoot,
  );
  // A block shows one thing: it may declare what only the next one uses.
  const relaxed = { ...options, checkJs: true, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(relaxed);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.getSourceFile = (name, language, ...rest) => {
    const text = texts.get(name);
    return text === undefined
      ? getSourceFile(name, language, ...rest)
      : ts.createSourceFile(name, text, language, true);
  };
  return ts.createProgram({ rootNames: [...texts.keys()], options: relaxed, host });
}
