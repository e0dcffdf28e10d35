// A room as the tutorial of Socket.IO builds it: whatever one says, everybody hears.
import { createServer } from 'node:http'
import { Server } from 'socket.io'

const http = createServer()
const room = new Server(http)
room.on('connection', (member) => {
  member.on('message', (said) => room.emit('message', said))
})
http.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: http.address().port })))
