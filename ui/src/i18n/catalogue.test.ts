// @vitest-environment node
import { FluentResource } from '@fluent/bundle';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';
import { format, formatParts, has, systemLanguage } from './catalogue';
import { makeNickname, WORDS } from './nicknames';

const SRC = join(import.meta.dirname, '..');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).map((name) => join(SRC, name));
const svelte = files.filter((name) => name.endsWith('.svelte'));
const sources = files
  .filter((name) => /\.(svelte|ts)$/.test(name) && !name.endsWith('.test.ts') && !name.includes('/generated/'))
  .map((name) => readFileSync(name, 'utf8'))
  .join('\n');

function messages(language: 'ko' | 'en'): Map<string, string[]> {
  const text = readFileSync(join(SRC, `i18n/${language}.ftl`), 'utf8');
  const body = new FluentResource(text).body;
  expect(body.length, `${language}.ftl parses whole`).toBe(text.match(/^[a-z]\S* =/gim)?.length);
  return new Map(body.map(({ id, value }) => [id, [...new Set(variables(value))].sort()]));
}

function variables(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = 'type' in node && node.type === 'var' && 'name' in node ? [String(node.name)] : [];
  return [...own, ...Object.values(node).flatMap(variables)];
}

describe('the catalogues', () => {
  const ko = messages('ko');
  const en = messages('en');

  it('have the same keys', () => expect([...ko.keys()].sort()).toEqual([...en.keys()].sort()));

  it('have the same variables', () => {
    for (const [key, names] of en) expect(ko.get(key), key).toEqual(names);
  });

  it('have words for every fault and refusal', () => {
    const generated = join(SRC, 'bridge/generated');
    for (const [name, key] of [
      ['Fault', 'error'],
      ['RefusalCode', 'error'],
      ['NotebookFault', 'notebook'],
    ] as const) {
      const codes = readFileSync(join(generated, `${name}.ts`), 'utf8').matchAll(/"([a-z_]+)"/g);
      for (const [, code] of codes) expect(has(`${key}-${code}`), code).toBe(true);
    }
  });

  it('have every key that the page asks for, and none that it does not', () => {
    const asked = [...sources.matchAll(/\b(?:t|parts)\(\s*'([\w-]+)'/g), ...sources.matchAll(/ key="([\w-]+)"/g)];
    for (const [, key] of asked) expect(has(key!), key).toBe(true);
    const dynamic =
      /^(error|notebook|kind|gap|language|theme|ended|joins|lefts|visits|keep|keeps|keys|dialect|guard|reach|seen|direction)(-|$)/;
    const unused = [...en.keys()].filter(
      (key) => !dynamic.test(key) && !sources.includes(`'${key}'`) && !sources.includes(`"${key}"`),
    );
    expect(unused).toEqual([]);
  });

  it('never let a particle depend on data', () => {
    const text = readFileSync(join(SRC, 'i18n/ko.ftl'), 'utf8');
    // After a name come 님, a counter, or one of the particles that never change: 에, 에서, 의.
    for (const [whole, next] of text.matchAll(/\{ \$\w+ \}([가-힣]+)/g)) {
      expect(next, whole).toMatch(/^(명|개|초|번|바이트|에|에서|의|님)/);
    }
    expect(text).not.toMatch(/\{ \$\w+ \} ?(이|가|을|를|은|는|와|과|으로|로)(?=[\s.,]|$)/m);
  });
});

describe('the words of the page', () => {
  it.each(svelte.map((name) => [name.slice(SRC.length + 1), name]))('%s holds none of its own', (_short, name) => {
    const found: string[] = [];
    look(parse(readFileSync(name, 'utf8'), { modern: true }).fragment, found);
    expect(found).toEqual([]);
  });
});

describe('a message', () => {
  it('counts in English', () => {
    expect(format('en', 'member-count', { n: 1 })).toBe('1 person');
    expect(format('en', 'member-count', { n: 2 })).toBe('2 people');
  });

  it('sets names apart, whatever they contain', () => {
    expect(formatParts('ko', 'renamed', { old: '\uE0001\uE000', new: '{ $old }' })).toEqual([
      { text: '\uE0001\uE000', name: true },
      { text: ' 님은 이제 ', name: false },
      { text: '{ $old }', name: true },
      { text: ' 님이에요', name: false },
    ]);
  });

  it('speaks the first language of the device that we have', () => {
    expect(systemLanguage(['fr-FR', 'ko-KR', 'en'])).toBe('ko');
    expect(systemLanguage(['de'])).toBe('en');
    expect(systemLanguage([])).toBe('en');
  });
});

describe('a name for somebody who has not chosen one', () => {
  it('has 40 by 40 to choose from in each language, none twice, none too long', () => {
    for (const { adjectives, animals } of Object.values(WORDS)) {
      expect(new Set(adjectives).size).toBe(40);
      expect(new Set(animals).size).toBe(40);
      const longest = (words: string[]) => Math.max(...words.map((word) => word.length));
      expect(longest(adjectives) + 1 + longest(animals)).toBeLessThanOrEqual(32);
    }
  });

  it('is another one when asked for another', () => {
    const chances = [0, 0, 0.5, 0.5];
    const random = () => chances.shift() ?? 0;
    expect(makeNickname('ko', random, '느긋한 수달')).not.toBe('느긋한 수달');
    expect(makeNickname('en', () => 0.999_999)).toBe('Wise Puppy');
  });
});

/** Letters in markup, or in an attribute that a person hears or reads. */
function look(node: unknown, found: string[], attribute = ''): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) return node.forEach((one) => look(one, found, attribute));
  const { type, name, data } = node as { type?: string; name?: string; data?: string };
  if (type === 'Attribute') return look((node as { value: unknown }).value, found, name);
  const heard = attribute === '' || /^(aria-label|title|placeholder|alt|label)$/.test(attribute);
  if (type === 'Text' && heard && /\p{L}{2}/u.test(data ?? '')) found.push(data!.trim());
  if (type === 'ExpressionTag' || type === 'Script' || type === 'StyleSheet') return;
  for (const [key, child] of Object.entries(node)) if (key !== 'metadata') look(child, found, attribute);
}
