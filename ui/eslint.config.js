// What the linter holds: types, Svelte, and the walls of the house (who may import what).
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const OUTSIDE = { group: ['@tauri-apps/*'], message: 'Only src/bridge/desktop.ts talks to Tauri.' };
const ABOVE_SHARED = {
  group: ['**/room/*', '**/views/*', '**/state/*', '**/bridge/*'],
  message: 'shared knows no chat.',
};
const ABOVE_STATE = { group: ['**/room/*', '**/views/*'], message: 'state is below what shows it.' };

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/bridge/generated', 'test-results', 'coverage'] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      eqeqeq: ['error', 'smart'],
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'svelte/no-at-html-tags': 'error',
      'svelte/no-target-blank': 'error',
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['src/**/*'],
    ignores: ['src/bridge/desktop.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [OUTSIDE] }] },
  },
  {
    files: ['src/shared/**/*'],
    rules: { 'no-restricted-imports': ['error', { patterns: [OUTSIDE, ABOVE_SHARED] }] },
  },
  {
    files: ['src/state/**/*'],
    rules: { 'no-restricted-imports': ['error', { patterns: [OUTSIDE, ABOVE_STATE] }] },
  },
);
