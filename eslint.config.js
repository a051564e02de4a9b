import js from '@eslint/js';
import { importX } from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import tseslint from 'typescript-eslint';

/** The layers of docs/architecture.md: a folder may import itself and what is named here, nothing else. */
const layers = {
  idl: [],
  'codegen/support': [],
  codegen: ['idl', 'codegen/support'],
  'bin/language-server': ['idl'],
  qos: [],
  transport: [],
  'runtime/table': ['transport'],
  'runtime/multicast': ['transport', 'runtime/table'],
  'runtime/membership': ['transport', 'runtime/table', 'runtime/multicast'],
  'runtime/history': ['transport', 'runtime/table', 'runtime/multicast'],
  'runtime/durability': [
    'transport',
    'runtime/table',
    'runtime/multicast',
    'runtime/history',
    'runtime/membership',
  ],
  'runtime/dds': [
    'transport',
    'runtime/table',
    'runtime/multicast',
    'runtime/history',
    'runtime/membership',
    'runtime/durability',
    'qos',
    'codegen/support',
  ],
  'runtime/gateway/client': ['codegen/support', 'runtime/gateway/wire'],
  'runtime/gateway/wire': [],
  'runtime/gateway': ['runtime/dds', 'codegen/support', 'qos'],
};
const folders = [...Object.keys(layers), 'bin', 'bench', 'examples', 'test'];

const zones = Object.entries(layers).map(([target, allowed]) => ({
  target: `./${target}`,
  from: folders
    .filter((from) => from !== target && !allowed.includes(from))
    .filter((from) => !target.startsWith(`${from}/`) && !allowed.some((a) => a.startsWith(`${from}/`)))
    .filter((from) => !from.startsWith(`${target}/`))
    .map((from) => `./${from}`),
  message: `${target} may import only ${allowed.join(', ') || 'nothing of the other layers'} (docs/architecture.md).`,
}));

/** The protocol core is pure: transport, clock and log are given to it. A test looks that each of these is an error. */
const pure = [
  {
    selector: "MemberExpression[object.name='Date'], NewExpression[callee.name='Date']",
    message: 'The core takes its clock.',
  },
  {
    selector:
      "MemberExpression[object.name='Math'][property.name='random'], MemberExpression[object.name='crypto']",
    message: 'The core takes its randomness.',
  },
  {
    selector: 'MemberExpression[object.name=/^(performance|process)$/]',
    message: 'The core takes its clock, and knows no process.',
  },
  {
    selector: 'CallExpression[callee.name=/^(setTimeout|setInterval|setImmediate|queueMicrotask)$/]',
    message: 'The core sets no timers: it is polled.',
  },
  {
    selector:
      "NewExpression[callee.name='Promise'], MemberExpression[object.name='Promise'], AwaitExpression, :function[async=true]",
    message: 'The core knows no promises.',
  },
];

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules', 'examples/*/generated', 'bench/generated'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: [
      'runtime/table/**',
      'runtime/multicast/**',
      'runtime/membership/**',
      'runtime/history/**',
      'runtime/durability/log/**',
      'runtime/durability/replica/**',
    ],
    ignores: ['runtime/durability/log/node-disk.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...pure],
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*', 'koffi'], message: 'The core does no I/O.' }] },
      ],
    },
  },
  {
    files: ['codegen/support/**', 'runtime/gateway/client/**', 'runtime/gateway/wire/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*', 'ws', 'koffi'], message: 'Runs in browsers.' }] },
      ],
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  { files: ['test/**'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
);
