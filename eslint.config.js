import js from '@eslint/js';
import globals from 'globals';

/** Rules beyond the recommended ones: each finds a fault, none is a matter of taste. */
const FAULTS = {
  'array-callback-return': 'error',
  'default-case-last': 'error',
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-constructor-return': 'error',
  'no-duplicate-imports': 'error',
  'no-eval': 'error',
  'no-implied-eval': 'error',
  'no-new-wrappers': 'error',
  'no-promise-executor-return': 'error',
  'no-self-compare': 'error',
  'no-shadow': ['error', { builtinGlobals: false, hoist: 'functions' }],
  'no-template-curly-in-string': 'error',
  'no-throw-literal': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-unreachable-loop': 'error',
  'no-unused-expressions': 'error',
  'no-unused-vars': [
    'error',
    { ignoreRestSiblings: true, argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
  ],
  'no-useless-rename': 'error',
  'no-useless-return': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  'prefer-promise-reject-errors': 'error',
  radix: 'error',
  yoda: 'error',
};

const PAGE = { ...globals.browser };
const WORKER = { ...globals.worker };
const SCRIPTS = { ...globals.nodeBuiltin };

export default [
  {
    ignores: [
      // Built or installed, not written.
      '.cache/',
      '.tools/',
      '.venv/',
      '**/dist/',
      'package/',
      'target/',
      'www/wasm/',
    ],
  },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 'latest', sourceType: 'module' },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: FAULTS,
  },
  { files: ['www/**/*.js'], languageOptions: { globals: PAGE } },
  {
    files: ['www/**/*worker.js'],
    ignores: ['www/offline/**'],
    languageOptions: { globals: WORKER },
  },
  {
    files: ['www/offline/service-worker.js'],
    languageOptions: { globals: globals.serviceworker },
  },
  { files: ['scripts/**', 'tests/**', '*.config.js'], languageOptions: { globals: SCRIPTS } },
  // Functions in these files are handed to a page, where they run.
  {
    files: [
      'scripts/analyze/page.mjs',
      'tests/e2e/**',
      'tests/views/**',
      'tests/timed/**',
      'examples/**',
    ],
    languageOptions: { globals: { ...SCRIPTS, ...PAGE } },
  },
];
