/**
 * The language in force, and the words in it. Whatever reads `t` in a template follows a change of language.
 */
import { format, formatParts, has, systemLanguage, type Args, type Part, type Spoken } from './catalogue';

class Speech {
  language = $state<Spoken>('en');

  /** The languages of the device, the preferred first. */
  system: readonly string[] = navigator.languages ?? [navigator.language];

  /** Speaks as chosen, or as the device does. */
  choose(chosen: 'system' | Spoken): void {
    this.language = chosen === 'system' ? systemLanguage(this.system) : chosen;
    document.documentElement.lang = this.language;
  }
}

export const speech = new Speech();

export function t(key: string, args?: Args): string {
  return format(speech.language, key, args);
}

export function parts(key: string, names: Record<string, string>, args?: Args): Part[] {
  return formatParts(speech.language, key, names, args);
}

/** What went wrong and what to do; a code without words of its own gets the general ones. */
export function errorText(code: string): string {
  return t(has(`error-${code}`) ? `error-${code}` : 'error-unknown');
}
