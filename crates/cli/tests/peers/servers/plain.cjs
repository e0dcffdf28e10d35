// Small ws servers that take any text. `echo` answers the sender, `answer` does so in words of its own and as a buffer,
// `all` and `others` pass it on, with and without the sender. The last two greet.
const { WebSocketServer, WebSocket } = require('ws');

const kind = process.argv[2];
const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => {
  console.log(`listening ${wss.address().port}`);
});

wss.on('connection', (socket) => {
  if (kind === 'all') socket.send('[서버 접속 완료]');
  if (kind === 'others') socket.send('hello');
  socket.on('message', (data) => {
    if (kind === 'echo') return socket.send(data.toString());
    if (kind === 'answer') return socket.send(Buffer.from(`서버로부터 응답: ${data}`));
    wss.clients.forEach((other) => {
      if (other.readyState !== WebSocket.OPEN) return;
      if (kind === 'all' || other !== socket) other.send(data.toString());
    });
  });
});
