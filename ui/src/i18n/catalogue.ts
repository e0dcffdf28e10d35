/**
 * The two catalogues and how a message is made of them. Pure: the language is an argument.
 */
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import en from './en.ftl?raw';
import ko from './ko.ftl?raw';

export type Spoken = 'ko' | 'en';
export type Args = Record<string, string | number>;
/** A message cut at its names, so that each can be drawn in a `<bdi>` of its own. */
export type Part = { text: string; name: boolean };

const bundles: Record<Spoken, FluentBundle> = { ko: toBundle('ko-KR', ko), en: toBundle('en-US', en) };

export function has(key: string): boolean {
  return bundles.en.hasMessage(key);
}

export function format(language: Spoken, key: string, args: Args = {}): string {
  const bundle = bundles[language];
  const pattern = bundle.getMessage(key)?.value;
  if (pattern == null) return key;
  return bundle.formatPattern(pattern, args as Record<string, FluentVariable>);
}

/** As `format`, with every value of `names` set apart. */
export function formatParts(language: Spoken, key: string, names: Record<string, string>, args: Args = {}): Part[] {
  const keys = Object.keys(names);
  // A private-use mark stands for each name; a name itself can never be taken for one, it is put in afterwards.
  const marks = Object.fromEntries(keys.map((name, i) => [name, `${MARK}${i}${MARK}`]));
  return format(language, key, { ...args, ...marks })
    .split(MARK)
    .map((text, i) => (i % 2 === 0 ? { text, name: false } : { text: names[keys[Number(text)]!]!, name: true }))
    .filter((part) => part.text !== '');
}

/** Which language a person gets who has not chosen one. */
export function systemLanguage(preferred: readonly string[]): Spoken {
  const known = preferred.map((tag) => tag.toLowerCase().split('-')[0]).find((tag) => tag === 'ko' || tag === 'en');
  return known === 'ko' ? 'ko' : 'en';
}

const MARK = '\uE000';

/** Isolation marks stay out: they would travel with what is copied. Names are isolated by `<bdi>` instead. */
function toBundle(locale: string, source: string): FluentBundle {
  const bundle = new FluentBundle(locale, { useIsolating: false });
  bundle.addResource(new FluentResource(source));
  return bundle;
}
