// A client of ten lines: `json` names itself as in the course, `plain` says what it is given. What it hears is printed,
// each message as one line of JSON.
const readline = require('node:readline');
const { WebSocket } = require('ws');

const [kind, url, name] = process.argv.slice(2);
const socket = new WebSocket(url);
const say = (type, payload) => socket.send(kind === 'json' ? JSON.stringify({ type, payload }) : payload);

socket.on('open', () => {
  if (kind === 'json') say('nickname', name);
  console.log('open');
});
socket.on('message', (data) => console.log(JSON.stringify(data.toString())));
socket.on('close', (code) => process.exit(code === 1000 || code === 1005 ? 0 : 1));
readline.createInterface({ input: process.stdin }).on('line', (line) => say('new_message', line));
process.stdin.on('end', () => socket.close());
