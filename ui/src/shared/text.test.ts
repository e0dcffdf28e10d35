// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { linkHost, toBlocks, toSpans } from './text';

const links = (text: string) => toSpans(text).flatMap((span) => (span.type === 'link' ? [span.url] : []));
const whole = (text: string) =>
  toSpans(text)
    .map((span) => (span.type === 'code' ? `\`${span.text}\`` : span.text))
    .join('');

describe('links in what somebody wrote', () => {
  it('are http, https and mailto addresses', () => {
    expect(links('see http://a.example/x and https://b.example:8080/?q=1#top')).toEqual([
      'http://a.example/x',
      'https://b.example:8080/?q=1#top',
    ]);
    expect(links('mailto:minji@example.com')).toEqual(['mailto:minji@example.com']);
  });

  it('end where the sentence goes on', () => {
    expect(links('(https://a.example/b), https://a.example/c. https://a.example/d?!')).toEqual([
      'https://a.example/b',
      'https://a.example/c',
      'https://a.example/d',
    ]);
    expect(links('https://en.wikipedia.org/wiki/Floor_(disambiguation)')).toEqual([
      'https://en.wikipedia.org/wiki/Floor_(disambiguation)',
    ]);
  });

  it('lose nothing of the text around them', () => {
    const text = '좋아요. https://example.com/menu?day=fri (사진은 `흐려요`)…';
    expect(whole(text)).toBe(text);
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox',
    'file:///etc/passwd',
    'maru://join/x',
    '<a href="javascript:alert(1)">x</a>',
    '<img src=x onerror=alert(1)>',
    '[x](javascript:alert(1))',
    'http://',
    'https:///',
    'mailto:',
    'xhttps://a.example',
    '//a.example',
  ])('are not made of %s', (text) => {
    expect(links(text)).toEqual([]);
    expect(whole(text)).toBe(text);
  });

  it('stop before a character that could turn them around', () => {
    expect(links('https://a.example/\u202Egpj.exe')).toEqual(['https://a.example/']);
  });

  it('stop before markup', () => {
    expect(links('https://a.example/"onmouseover="alert(1)')).toEqual(['https://a.example/']);
    expect(links('https://a.example/<script>')).toEqual(['https://a.example/']);
  });

  it('show the host that is really dialled', () => {
    expect(linkHost('https://bank.example@evil.example/login')).toBe('evil.example');
    expect(linkHost(links('https://аррӏе.com/')[0]!)).toBe('xn--80ak6aa92e.com');
    expect(linkHost('mailto:a@b.example')).toBe('a@b.example');
    expect(linkHost('mailto:a%E2%80%AE%0Ab@c.example')).toBe('a%E2%80%AE%0Ab@c.example');
    expect(linkHost('mailto:a\u202Eb@c.example')).not.toContain('\u202E');
    expect(linkHost('no \u202Eaddress\n')).toBe('no address');
  });

  it('ask a mail program for a subject, a text and a copy only', () => {
    expect(
      links('mailto:a@b.example?Subject=hi%20you&bcc=x@y.example&attach=/etc/passwd&body=1&cc=c@d.example#z'),
    ).toEqual(['mailto:a@b.example?Subject=hi%20you&body=1&cc=c@d.example']);
    expect(links('mailto:a@b.example?b%63c=x@y.example')).toEqual(['mailto:a@b.example']);
    expect(links('mailto:a@b.example%0Abcc:x@y.example')).toEqual([]);
  });
});

describe('code in what somebody wrote', () => {
  it('is a block between fences', () => {
    expect(toBlocks('before\n```ts\nlet a = 1;\n```\nafter')).toEqual([
      { type: 'text', spans: [{ type: 'text', text: 'before' }] },
      { type: 'code', text: 'let a = 1;' },
      { type: 'text', spans: [{ type: 'text', text: 'after' }] },
    ]);
  });

  it('is text while its fence is open', () => {
    expect(toBlocks('```\nlet a')).toEqual([{ type: 'text', spans: [{ type: 'text', text: '```\nlet a' }] }]);
  });

  it('makes no links', () => {
    expect(toSpans('`https://a.example`')).toEqual([{ type: 'code', text: 'https://a.example' }]);
    expect(toBlocks('```\nhttps://a.example\n```')).toEqual([{ type: 'code', text: 'https://a.example' }]);
  });

  it('reads hostile texts of 64 KiB as text, whole', () => {
    for (const unit of ['```x\n', '`', 'https://a.example/))))', '(((((', 'http://']) {
      const text = unit.repeat(Math.floor(65_536 / unit.length));
      const back = toBlocks(text).flatMap((block) => (block.type === 'text' ? block.spans : [block]));
      expect(back.reduce((length, part) => length + part.text.length, 0)).toBeLessThanOrEqual(text.length);
    }
  });
});
