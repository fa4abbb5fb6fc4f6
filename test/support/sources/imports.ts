/** The imports of a source file, as the parser of TypeScript reads them. */
import ts from 'typescript';

/** Everything that a file imports or exports from elsewhere, types included; `undefined` for a computed name. */
export function importsOf(fileName: string, text: string): (string | undefined)[] {
  return importsWith({ specifierOf, isEntered: () => true }, fileName, text);
}

/** As `importsOf`, without what is loaded later: by `import()`, or by a call in a function. */
export function importsAtOnceOf(fileName: string, text: string): (string | undefined)[] {
  const walk = { specifierOf: specifierAtOnce, isEntered: (node: ts.Node) => !ts.isFunctionLike(node) };
  return importsWith(walk, fileName, text);
}

interface Walk {
  readonly specifierOf: (node: ts.Node) => ts.Node | undefined;
  readonly isEntered: (node: ts.Node) => boolean;
}

function importsWith(
  { specifierOf, isEntered }: Walk,
  fileName: string,
  text: string,
): (string | undefined)[] {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest);
  const found: (string | undefined)[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier) found.push(ts.isStringLiteralLike(specifier) ? specifier.text : undefined);
    if (isEntered(node)) ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument;
  return ts.isCallExpression(node) && loadsModule(node.expression) ? node.arguments[0] : undefined;
}

function specifierAtOnce(node: ts.Node): ts.Node | undefined {
  return isDynamicImport(node) ? undefined : specifierOf(node);
}

function isDynamicImport(node: ts.Node): boolean {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
}

function loadsModule(callee: ts.Expression): boolean {
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')
  );
}
