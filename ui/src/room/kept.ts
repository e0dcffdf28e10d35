/**
 * What a room keeps of what is said there, in words for everybody in it.
 */
import type { Keeps } from '../bridge/generated/Keeps';
import { t } from '../i18n/i18n.svelte';

export function keptText(keeps: Keeps): string {
  return t(`keeps-${keeps.kind}`, keeps.kind === 'last' ? { n: keeps.entries } : {});
}
