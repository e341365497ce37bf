"""A FastAPI app with what its users use: types, dependencies, both kinds of endpoints, uploads, streams, a mount."""

import asyncio
import threading
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request, UploadFile, WebSocket
from fastapi.responses import StreamingResponse
from pydantic import BaseModel


@asynccontextmanager
async def lifespan(app):
    yield {"stock": {"tea": 3}}
    print("the shop closes")


app = FastAPI(lifespan=lifespan)
below = FastAPI()
app.mount("/below", below)


class Order(BaseModel):
    article: str
    count: int


def user(request: Request) -> str:
    """Who signed on at the web server."""
    environ = request.scope["extensions"]["iisgate"]["environ"]
    return environ.get("REMOTE_USER", "nobody")


@app.post("/orders")
async def order(order: Order, request: Request, tasks: BackgroundTasks, who: str = Depends(user)):
    if order.count > request.state.stock.get(order.article, 0):
        raise HTTPException(409, "not so many")
    tasks.add_task(print, f"sent to {who}")
    return {"who": who, "for": order.article, "url": str(request.url_for("order"))}


@app.get("/threads")
def threads():
    """Not ``async``: FastAPI calls it in a thread of its own."""
    return threading.current_thread().name


@app.post("/upload")
async def upload(file: UploadFile):
    return {"name": file.filename, "size": len(await file.read())}


@app.get("/events")
async def events():
    async def lines():
        for count in range(3):
            yield f"data: {count}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


@app.get("/for-ever")
async def for_ever():
    async def lines():
        try:
            while True:
                yield b"data: again\n\n"
                await asyncio.sleep(0.01)
        finally:
            print("the stream was ended")

    return StreamingResponse(lines(), media_type="text/event-stream")


@app.get("/broken")
async def broken():
    raise RuntimeError("boom")


@app.websocket("/socket")
async def socket(websocket: WebSocket):
    await websocket.accept()


@below.get("/here")
async def here(request: Request):
    return {"root_path": request.scope["root_path"], "url": str(request.url_for("here"))}
