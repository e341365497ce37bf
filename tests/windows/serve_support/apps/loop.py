"""An ASGI app for the tests: what its loop is, bodies both ways, many at once, who has left."""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

arrived = 0


async def answer(send, told):
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def read(receive):
    body = b""
    while True:
        message = await receive()
        body += message["body"]
        if not message["more_body"]:
            return body


async def lifespan(receive, send):
    await receive()
    print("the app starts")
    await send({"type": "lifespan.startup.complete"})
    await receive()
    Path(__file__).with_name("ended").touch()
    await send({"type": "lifespan.shutdown.complete"})


async def app(scope, receive, send):
    global arrived
    if scope["type"] == "lifespan":
        return await lifespan(receive, send)
    path, query = scope["path"], scope["query_string"].decode()
    if path.startswith("/scope"):
        told = {key: scope[key] for key in ("path", "root_path", "method", "scheme", "http_version")}
        told |= {"raw_path": scope["raw_path"].decode("latin-1"), "loop": type(asyncio.get_running_loop()).__name__}
        environ = scope["extensions"]["iisgate"]["environ"]
        await answer(send, told | {"software": environ["SERVER_SOFTWARE"], "pid": os.getpid()})
    elif path == "/digest":
        body = await read(receive)
        await answer(send, {"length": len(body), "sha256": hashlib.sha256(body).hexdigest()})
    elif path == "/echo":
        await answer(send, await read(receive))
    elif path == "/stream":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(int(query)):
            await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
        await send({"type": "http.response.body"})
    elif path == "/meet":
        arrived += 1
        while arrived < int(query):
            await asyncio.sleep(0.01)
        await answer(send, {"pid": os.getpid()})
    elif path == "/child":
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", "print('child')", stdout=subprocess.PIPE)
        told, _ = await child.communicate()
        await answer(send, {"child": told.decode().strip()})
    elif path == "/fails":
        raise ValueError("boom with a secret")
