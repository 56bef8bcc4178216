"""An origin on loopback whose answers take 50 ms to begin: `python -m infra.bench.origin FOLDER`."""

import asyncio
import sys
from pathlib import Path

LATENCY = 0.05  # seconds
TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif"}


class Origin:
    """Files from memory, by name; queries make other URLs of the same file. Connections are kept."""

    def __init__(self, folder: Path) -> None:
        self.answers = {f"/{file.name}": _answer(file) for file in folder.iterdir()}

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests until the client goes."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].split(b"?")[0].decode()
                await asyncio.sleep(LATENCY)
                writer.write(self.answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def _answer(file: Path) -> bytes:
    content = file.read_bytes()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {TYPES[file.suffix]}\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


async def _serve(folder: Path) -> None:
    origin = Origin(folder)
    server = await asyncio.start_server(origin.converse, "127.0.0.1", 0, backlog=1_024)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
