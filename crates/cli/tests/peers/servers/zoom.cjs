// The chat that a much-followed course builds first: ws beside express, names and messages as JSON, and plain lines to
// everybody, the sender too. It parses whatever it hears, and ends if that is no JSON.
const http = require('node:http');
const express = require('express');
const { WebSocketServer } = require('ws');

const app = express();
app.get('/', (_request, response) => response.send('<!doctype html><title>Zoom</title>'));
const server = http.createServer(app);
const sockets = new Set();

new WebSocketServer({ server }).on('connection', (socket) => {
  sockets.add(socket);
  socket.nickname = 'Anon';
  socket.on('close', () => sockets.delete(socket));
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString());
    switch (message.type) {
      case 'new_message':
        sockets.forEach((other) => other.send(`${socket.nickname}: ${message.payload}`));
        break;
      case 'nickname':
        socket.nickname = message.payload;
    }
  });
});

server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
