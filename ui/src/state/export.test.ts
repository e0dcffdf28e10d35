// @vitest-environment node
import { describe, expect, it } from 'vitest';
import type { Entry } from '../bridge/generated/Entry';
import { toExport } from './export';
import { emptyRoom, toItem, type RoomState } from './room';

const by = { id: 'm', nickname: '<b>민지</b>', number: 0 };
const entries: Entry[] = [
  { seq: 1, at: 0, hash: 'h1', by, kind: 'said', id: 'i1', text: '<img src=x onerror="alert(1)">\n둘째 줄' },
  { seq: 2, at: 1, hash: 'h2', by: { ...by, nickname: '민지 2' }, kind: 'renamed', from: '<i>' },
];
const room: RoomState = { ...emptyRoom(), name: '</title><script>', items: entries.map((entry) => toItem(1, entry)) };

describe('an export of what is loaded', () => {
  it('has an entry on each line, as it was heard', () => {
    const lines = toExport(room, 'jsonl', 'ko').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(entries);
  });

  it('is a page in which what strangers wrote is text', () => {
    const page = toExport(room, 'html', 'ko');
    expect(page).not.toMatch(/<(script|img|i>|b>민)/);
    expect(page).toContain('&#60;img src=x onerror=&#34;alert(1)&#34;&#62;\n둘째 줄');
    expect(page).toContain("default-src 'none'");
  });
});
