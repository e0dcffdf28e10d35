// @vitest-environment node
import { expect, test } from 'vitest';
import { invitationFrom } from './invitation';

const ROOM = 'cs1uhCLEB_ttCYaQ8RMLfQ';
const PIN = 'mPq0o2Yd3K8a1xVtRr7Jc5u9Wb4Zs6Ne0Hg2Lf8Ti3Q';

test('a guest calls others by the way they came, then by the others of their invite', () => {
  const hash = `#a=192.168.0.10:4567&a=100.64.3.7:4567&a=[fd00::1]:4567&room=${ROOM}&pin=${PIN}`;
  const ways = `a=192.168.0.10:4567&a=100.64.3.7:4567&a=%5Bfd00::1%5D:4567&room=${ROOM}&pin=${PIN}`;
  expect(invitationFrom({ protocol: 'http:', host: '192.168.0.10:4567', hash })).toEqual({
    url: `http://192.168.0.10:4567/#${ways}`,
    invite: `maru://join?${ways}`,
  });
});

test('a typed address is an invite too', () => {
  expect(invitationFrom({ protocol: 'http:', host: '192.168.0.10:4567' })).toEqual({
    url: 'http://192.168.0.10:4567/',
    invite: 'maru://join?a=192.168.0.10:4567',
  });
  expect(invitationFrom({ protocol: 'https:', host: 'chat.example', hash: '' }).invite).toBe(
    'maru://join?a=chat.example:443',
  );
  expect(invitationFrom({ protocol: 'http:', host: '[fd00::1]:4567' }).invite).toBe('maru://join?a=%5Bfd00::1%5D:4567');
});

test('what a stranger put into the fragment is no address, no room and no certificate', () => {
  const hash = '#a=javascript:alert(1)&a=evil&a=x"y:1&room=../../etc&pin=%3Cb%3E&b=1';
  const { url, invite } = invitationFrom({ protocol: 'http:', host: '10.0.0.1:4567', hash });
  expect([url, invite]).toEqual(['http://10.0.0.1:4567/', 'maru://join?a=10.0.0.1:4567']);
  const many = `#${Array.from({ length: 50 }, (_, i) => `a=10.0.0.${i}:1`).join('&')}`;
  expect(invitationFrom({ protocol: 'http:', host: '10.0.1.1:1', hash: many }).invite.match(/a=/g)).toHaveLength(8);
});
