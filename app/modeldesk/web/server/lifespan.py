"""Starting and ending an inner application as ASGI's lifespan protocol wants it."""

from __future__ import annotations

import asyncio

from modeldesk.web.middleware.asgi import ASGIApp, Message


class Lifespan:
    """Runs the lifespan of an application that was built after the server's own had begun."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._received: asyncio.Queue[Message] = asyncio.Queue()
        self._answered: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def startup(self) -> None:
        """Start the application. Raises RuntimeError if it says that it cannot start."""
        self._task = asyncio.create_task(self._run())
        await self._tell("lifespan.startup")

    async def shutdown(self) -> None:
        """End the application, if it was started."""
        if self._task is not None:
            await self._tell("lifespan.shutdown")
            await self._task

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        await self._app(scope, self._received.get, self._answered.put)

    async def _tell(self, event: str) -> None:
        assert self._task is not None
        await self._received.put({"type": event})
        answer = asyncio.create_task(self._answered.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            error = self._task.exception()
            raise RuntimeError(f"The application ended at {event}.") from error
        if answer.result()["type"].endswith(".failed"):
            raise RuntimeError(str(answer.result().get("message", event)))
