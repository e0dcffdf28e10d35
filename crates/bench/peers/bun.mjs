// A room as Bun's documentation builds it, with `publish` and a topic: whatever one says, everybody hears.
const room = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request, server) {
    if (!server.upgrade(request)) return new Response('a WebSocket is wanted', { status: 426 })
  },
  websocket: {
    open(member) {
      member.subscribe('room')
    },
    message(_member, said) {
      room.publish('room', said)
    },
  },
})
console.log(JSON.stringify({ port: room.port }))
