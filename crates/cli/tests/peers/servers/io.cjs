// A Socket.IO chat on express: everybody hears `message` with the sender's id before the text, and who comes and goes. The
// namespace /admin is a chat of its own. `polling` and `websocket` take that transport alone.
const http = require('node:http');
const express = require('express');
const { Server } = require('socket.io');

const kind = process.argv[2];
const server = http.createServer(express());
const io = new Server(server, kind === 'both' ? {} : { transports: [kind] });

for (const namespace of [io.of('/'), io.of('/admin')]) {
  namespace.on('connection', (socket) => {
    namespace.emit('message', `${socket.id} connected`);
    socket.on('message', (text) => namespace.emit('message', `${socket.id}: ${text}`));
    socket.on('disconnect', () => namespace.emit('message', `${socket.id} disconnected`));
  });
}

server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
