// socket.io-client, over the transport it is told to use. What it hears as `message` is printed, each as one line of JSON.
const readline = require('node:readline');
const { io } = require('socket.io-client');

const [transport, url] = process.argv.slice(2);
const socket = io(url, { transports: [transport] });

socket.on('connect', () => console.log('open'));
socket.on('message', (text) => console.log(JSON.stringify(text)));
readline.createInterface({ input: process.stdin }).on('line', (line) => socket.emit('message', line));
process.stdin.on('end', () => {
  socket.disconnect();
  process.exit(0);
});
