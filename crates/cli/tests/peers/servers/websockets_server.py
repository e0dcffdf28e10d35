"""Python's websockets: `echo` answers the sender, `broadcast` greets and passes everything on to everybody."""

import asyncio
import sys

from websockets.asyncio.server import broadcast, serve

CONNECTED = set()


async def echo(socket):
    async for message in socket:
        await socket.send(message)


async def chat(socket):
    CONNECTED.add(socket)
    try:
        await socket.send("Hello, WebSocket!")
        async for message in socket:
            broadcast(CONNECTED, message)
    finally:
        CONNECTED.remove(socket)


async def main():
    handler = echo if sys.argv[1] == "echo" else chat
    async with serve(handler, "127.0.0.1", 0) as server:
        print("listening", server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


asyncio.run(main())
