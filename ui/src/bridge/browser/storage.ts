// The browser's storage for this origin, in a form that never throws: a private window or a full disk may refuse it,
// and then what is kept lasts as long as the page.

export interface Keep {
  get(name: string): string | null;
  set(name: string, value: string): void;
}

export function openStorage(storage: () => Pick<Storage, 'getItem' | 'setItem'>): Keep {
  /** What storage refused to take; it hides what storage still has under the name. */
  const refused = new Map<string, string>();
  return {
    get(name) {
      const kept = refused.get(name);
      if (kept !== undefined) return kept;
      try {
        return storage().getItem(name);
      } catch {
        return null;
      }
    },
    set(name, value) {
      try {
        storage().setItem(name, value);
        refused.delete(name);
      } catch {
        refused.set(name, value);
      }
    },
  };
}
