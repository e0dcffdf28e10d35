// Members that know nothing of Maru: the clients with which people learn WebSocket, as their authors wrote them, and all
// that they heard.
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import { atEnd } from './processes.mjs';
import { until } from './waiting.mjs';

/** The client of a tutorial: it says its nickname and then its messages as JSON, and hears `name: text`. */
export async function joinWithNickname(url, nickname) {
  const member = await openText(url);
  member.say = (text) => member.socket.send(JSON.stringify({ type: 'new_message', payload: text }));
  member.rename = (name) => member.socket.send(JSON.stringify({ type: 'nickname', payload: name }));
  member.rename(nickname);
  return member;
}

/** One that says texts and hears texts, as `wscat` does. */
export async function joinPlain(url, protocols = []) {
  const member = await openText(url, protocols);
  member.say = (text) => member.socket.send(text);
  return member;
}

/** A page of Socket.IO, by one of its transports. */
export async function joinSocketIo(url, nickname, transports = ['polling', 'websocket']) {
  const socket = io(new URL('/', url).href, { transports, forceNew: true, reconnection: false });
  atEnd(() => socket.close());
  const member = { socket, heard: [], say: (text) => socket.emit('message', text) };
  socket.on('message', (line) => member.heard.push(line));
  member.lines = () => said(member.heard);
  await until('Socket.IO is connected', () => socket.connected, { seen: () => member.error });
  socket.on('connect_error', (error) => (member.error = error.message));
  if (nickname) socket.emit('nickname', nickname);
  return member;
}

async function openText(url, protocols = []) {
  const socket = new WebSocket(url.replace(/^http/, 'ws').replace(/#.*/, ''), protocols);
  const member = { socket, heard: [] };
  atEnd(() => socket.terminate());
  socket.on('message', (data) => member.heard.push(data.toString()));
  socket.on('close', (code) => (member.closed = code));
  socket.on('error', (error) => (member.error = error.message));
  member.lines = () => said(member.heard);
  await until('a socket is open', () => {
    if (member.error) throw new Error(member.error);
    return socket.readyState === WebSocket.OPEN;
  });
  return member;
}

/** What was said, by whom: without what the room says itself. */
function said(heard) {
  return heard.filter((line) => !line.startsWith('* ') && line.includes(': ')).map((line) => {
    const at = line.indexOf(': ');
    return { author: line.slice(0, at), text: line.slice(at + 2) };
  });
}
