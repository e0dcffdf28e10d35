"""Tornado's chat: at /ws everybody hears what anybody says, after a greeting."""

import asyncio

import tornado.httpserver
import tornado.netutil
import tornado.web
import tornado.websocket


class Chat(tornado.websocket.WebSocketHandler):
    waiters = set()

    def check_origin(self, origin):
        return True

    def open(self):
        self.waiters.add(self)
        self.write_message("Welcome to the chat")

    def on_close(self):
        self.waiters.remove(self)

    def on_message(self, message):
        for waiter in self.waiters:
            waiter.write_message(message)


async def main():
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    server = tornado.httpserver.HTTPServer(tornado.web.Application([(r"/ws", Chat)]))
    server.add_sockets(sockets)
    print("listening", sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
