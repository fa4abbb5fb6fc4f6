// @ts-check
import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const tooManyParameters = [
  {
    selector: ':function[params.length>3]:not(MethodDefinition[kind="constructor"] > FunctionExpression)',
    message: 'More than three parameters become an object.',
  },
  {
    selector: 'MethodDefinition[kind="constructor"] > FunctionExpression[params.length>4]',
    message: 'More than four parameters of a constructor become an object.',
  },
];

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'temp/', 'bench-results/', 'docs/api/', 'eslint.config.js']),
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // What is for tests only is an overload of its own, which the published types leave out.
      '@typescript-eslint/unified-signatures': ['error', { ignoreOverloadsWithDifferentJSDoc: true }],
      eqeqeq: 'error',
      'max-lines': ['error', 300],
      'no-restricted-syntax': ['error', ...tooManyParameters],

      // TypeScript finds unused names, and says so with the same words in an editor.
      '@typescript-eslint/no-unused-vars': 'off',
      // `return stop();` is a readable way to end a branch.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // A method may be async for the sake of its contract: what it throws must be a rejection.
      '@typescript-eslint/require-await': 'off',
      // Callers without types are told of their mistakes, so arguments are checked against their own types.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // A type parameter may name what a caller states, such as the value of a call.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Names with control characters are what a file server must refuse.
      'no-control-regex': 'off',
    },
  },
  {
    files: ['src/**'],
    rules: {
      'no-console': 'error',
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'exit', message: 'Ending the process is for its owner to decide.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: String.raw`^(?!node:|\.)`, message: 'Only node: modules, there are no dependencies.' },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        ...tooManyParameters,
        {
          selector: 'ExportDefaultDeclaration',
          message: 'An export has one name, given where it is declared.',
        },
      ],
    },
  },
  // The program bundles what it imports; test/architecture.test.ts has the list. Only its first file ends the process.
  { files: ['src/cli/**'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['src/cli/main.ts'], rules: { 'no-restricted-properties': 'off' } },
  // A contract suite is a list of claims, as long as the contract, and asks which methods are there.
  {
    files: ['src/contracts/**'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/unbound-method': 'off' },
  },
  {
    files: ['test/**', 'examples/**'],
    rules: {
      // Tests hand over what the types forbid, and look at what was left.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  // Transcripts are data of any shape: the kit finds their mistakes when it plays them.
  {
    files: ['test/vectors/conformance/**'],
    rules: {
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  // A check of types by the compiler is the only one that plain JavaScript can have.
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: {} },
    rules: { 'no-undef': 'off' },
  },
  // CommonJS has no other word.
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
