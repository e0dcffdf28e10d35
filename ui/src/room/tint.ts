/**
 * A member's colour, chosen by the number of their joining so that neighbours in time differ. It survives a rename.
 */
export const TINTS = 12;

export function tintOf(number: number): number {
  return Number.isSafeInteger(number) && number >= 0 ? ((number % TINTS) * 5) % TINTS : 0;
}
