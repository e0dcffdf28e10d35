// socket.io-client, over the transports it is told to use, the first of them first. What it hears as `message` is printed,
// each as one line of JSON; what else it hears, by its name. `/nick NAME` names it.
const readline = require('node:readline');
const { io } = require('socket.io-client');

const [transports, url] = process.argv.slice(2);
// A room's certificate is its own: nobody but the app knows it.
const socket = io(url, { transports: transports.split(','), rejectUnauthorized: false });

socket.on('connect', () => console.log('open'));
socket.io.on('open', () => {
  const { engine } = socket.io;
  console.log(`by ${engine.transport.name}`);
  engine.on('upgrade', (transport) => console.log(`by ${transport.name}`));
});
socket.on('message', (text) => console.log(JSON.stringify(text)));
for (const name of ['entry', 'joined', 'left']) {
  socket.on(name, (what) => console.log(`${name} ${what.member?.nickname ?? what.text ?? what.by.nickname}`));
}
socket.on('disconnect', (why) => console.log(`disconnected: ${why}`));
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  if (line.startsWith('/nick ')) socket.emit('nickname', line.slice(6));
  else socket.emit('message', line);
});
// It ends by itself once it has said good-bye.
process.stdin.on('end', () => socket.disconnect());
