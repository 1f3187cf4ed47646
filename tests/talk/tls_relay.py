"""What stands before a hub on the internet: TLS at one end, plain text at the other.

    python tls_relay.py FOLDER HUB_PORT        # prints its own port; FOLDER has chain.pem and key.pem
"""

import asyncio
import ssl
import sys

folder, hub = sys.argv[1], int(sys.argv[2])
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(f"{folder}/chain.pem", f"{folder}/key.pem")


async def pass_on(reader, writer):
    try:
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def relay(reader, writer):
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", hub)
    await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))


async def main():
    server = await asyncio.start_server(relay, "127.0.0.1", 0, ssl=context)
    print(f"listens at {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


asyncio.run(main())
