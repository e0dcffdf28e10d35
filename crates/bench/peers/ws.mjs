// A room as the tutorials of `ws` build it: whatever one says, everybody hears.
import { WebSocket, WebSocketServer } from 'ws'

const room = new WebSocketServer({ host: '127.0.0.1', port: 0 })
room.on('listening', () => console.log(JSON.stringify({ port: room.address().port })))
room.on('connection', (member) => {
  member.on('error', () => {})
  member.on('message', (said, isBinary) => {
    room.clients.forEach((client) => {
      if (client.readyState === WebSocket.OPEN) client.send(said, { binary: isBinary })
    })
  })
})
