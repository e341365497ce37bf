"""An ASGI app whose paths ask one thing of a server each. What it has seen besides is kept for ``/seen``."""

import asyncio
import contextvars
import json
import sys
import threading
from hashlib import sha256

PLAIN = [(b"content-type", b"text/plain")]
MIB = b"x" * 1024 * 1024

seen = []
name = contextvars.ContextVar("name", default="nobody")
arrivals = {"count": 0}


async def answer(send, text, status=200, headers=()):
    body = text if isinstance(text, bytes) else text.encode()
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*PLAIN, *length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def read(receive):
    pieces, messages = [], 0
    while True:
        message = await receive()
        messages += 1
        assert message["type"] == "http.request", message
        pieces.append(message["body"])
        assert len(message["body"]) <= 65536
        if not message["more_body"]:
            return b"".join(pieces), messages


async def scope_(scope, receive, send):
    told = {key: value for key, value in scope.items() if key != "extensions"}
    environ = scope["extensions"]["iisgate"]["environ"]
    told["user"] = environ.get("REMOTE_USER")
    await answer(send, json.dumps(told, default=lambda value: value.decode("latin-1")))


async def digest(scope, receive, send):
    body, messages = await read(receive)
    last = await asyncio.wait_for(receive(), 0.01) if b"again" in scope["query_string"] else None
    await answer(send, f"{len(body)} {sha256(body).hexdigest()} {messages > 1} {last}")


async def echo(scope, receive, send):
    """Each piece goes back before the next one is asked for."""
    await send({"type": "http.response.start", "status": 200, "headers": PLAIN})
    while True:
        message = await receive()
        await send({"type": "http.response.body", "body": message["body"], "more_body": message["more_body"]})
        if not message["more_body"]:
            return


async def duplex(scope, receive, send):
    """Sends on while nothing comes."""
    await send({"type": "http.response.start", "status": 200, "headers": PLAIN})
    coming = asyncio.ensure_future(read(receive))
    for count in range(3):
        await send({"type": "http.response.body", "body": b"tick %d\n" % count, "more_body": True})
    body, _ = await coming
    await send({"type": "http.response.body", "body": b"got " + body})


async def stream(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": PLAIN})
    count = int(scope["query_string"])
    for sent in range(count):
        seen.append(f"sent {sent}")
        await send({"type": "http.response.body", "body": MIB, "more_body": True})
    await send({"type": "http.response.body"})


async def disconnect(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": PLAIN})
    await send({"type": "http.response.body", "body": b"begun\n", "more_body": True})
    await receive()
    message = await receive()
    await send({"type": "http.response.body", "body": b"for nobody", "more_body": True})
    seen.append(f"{scope['path']} {message['type']}")


async def silent(scope, receive, send):
    """Answers nothing before the client has left."""
    seen.append("silent came")
    await receive()
    seen.append(f"silent {(await receive())['type']}")


async def unread(scope, receive, send):
    await answer(send, "not read")


async def after(scope, receive, send):
    """What is done after the answer; ``receive`` tells its end."""
    await read(receive)
    await answer(send, "answered")
    seen.append(f"after {(await receive())['type']}")
    print("after the answer")


async def together(scope, receive, send):
    """Answers when as many requests are here as are asked for."""
    wanted = int(scope["query_string"])
    arrivals["count"] += 1
    while arrivals["count"] < wanted:
        await asyncio.sleep(0.01)
    await answer(send, f"{arrivals['count']} in {threading.active_count() > wanted}")


async def context(scope, receive, send):
    before = name.get()
    name.set(scope["query_string"].decode())
    await asyncio.sleep(0)
    print(f"{name.get()} prints")
    told = await asyncio.get_running_loop().run_in_executor(
        None, contextvars.copy_context().run, lambda: print(f"{name.get()} prints in a thread") or name.get())
    await answer(send, f"{before} {name.get()} {told}")


async def raises(scope, receive, send):
    raise ValueError("before the answer")


async def raises_within(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": PLAIN})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise ValueError("within the answer")


async def raises_after(scope, receive, send):
    await answer(send, "whole")
    raise ValueError("after the answer")


async def exits(scope, receive, send):
    sys.exit(3)


async def nothing(scope, receive, send):
    pass


async def no_body(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": PLAIN})


async def body_first(scope, receive, send):
    await send({"type": "http.response.body", "body": b"early"})


async def twice(scope, receive, send):
    await answer(send, "once")
    try:
        await send({"type": "http.response.body", "body": b"twice"})
    except RuntimeError as error:
        seen.append(f"twice: {error}")


async def text(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": PLAIN})
    await send({"type": "http.response.body", "body": "text"})


async def bad_header(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"a\r\nb: c")]})
    await send({"type": "http.response.body", "body": b""})


async def long(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    for piece in (b"ab", b"cdef", b""):
        await send({"type": "http.response.body", "body": piece, "more_body": bool(piece)})


async def short(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
    await send({"type": "http.response.body", "body": b"short"})


async def odd(scope, receive, send):
    """A status of its own, headers that come twice, a body that is no ``bytes``."""
    headers = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 299, "headers": headers})
    await send({"type": "http.response.body", "body": bytearray(b"odd")})


async def sleeps(scope, receive, send):
    seen.append("sleeps")
    await deeper()


async def deeper():
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        seen.append("woken")


async def seen_(scope, receive, send):
    await answer(send, json.dumps(seen))


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return await lifespan(scope, receive, send)
    path = scope["path"].removeprefix(scope["root_path"])[1:]
    await globals()[PATHS.get(path, path)](scope, receive, send)


PATHS = {"scope": "scope_", "seen": "seen_"}


async def lifespan(scope, receive, send):
    assert (await receive())["type"] == "lifespan.startup"
    scope["state"]["started"] = "yes"
    await send({"type": "lifespan.startup.complete"})
    assert (await receive())["type"] == "lifespan.shutdown"
    print("the app shuts down")
    await send({"type": "lifespan.shutdown.complete"})
