"""The asyncio half: `AsyncClient`, and the `AsyncImage`, `AsyncTask` and `AsyncUpdates` that it gives.

Cancelling ends the exchange at once. The blocking half, `client`, is generated from this file.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import TYPE_CHECKING

from . import _arguments as arguments
from ._pickup import Pickup
from ._record import optional
from ._session import Session, certificates, image_data, shown_settings
from ._show.cached import cached
from ._show.picture import Picture, pillow
from ._show.previews import AsyncPreviews
from ._show.progress import bar_for
from ._signatures import write_out
from ._update import AsyncOpenStream, Update
from .models import ImageData, TaskData

if TYPE_CHECKING:
    import os
    import pathlib
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    import PIL.Image
    from typing_extensions import Self, Unpack

    from ._options import (
        ActionOptions,
        AsyncEditOptions,
        AsyncGenerateOptions,
        AsyncOnProgress,
        AsyncWaitOptions,
        SubmitOptions,
    )
    from ._record import JSON, JSONObject
    from .mask import MaskSource


class AsyncClient:
    """The way to the API, for asyncio. One client serves many event loops, one after the other or at once.

    Settings left out come from the environment (`ACEDATACLOUD_API_TOKEN`, `ACEDATACLOUD_API_BASE_URL`) or have
    the default named here. A client pickles as its settings without the token, and finds that again in the
    environment of the process that it travels to.

    Example:
        async with AsyncClient() as client:
            grid = await client.imagine("A cat sitting on a table")
            cat = await grid.upscale(2)
            await cat.save("cat.png")
    """

    __slots__ = ("__weakref__", "_session")

    def __init__(
        self,
        *,
        token: str | None = None,
        base_url: str | None = None,
        deadline: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        poll_interval: float | None = None,
        retry_server_errors: bool | None = None,
        proxy: str | None = None,
        ca_certificates: str | bytes | os.PathLike[str] | None = None,
        app_name: str | None = None,
        progress: bool | None = False,
    ) -> None:
        """Make a client. Nothing is sent.

        Args:
            token: The API token, with or without a leading `Bearer`.
            base_url: Where the API is; a path in it is a prefix.
            deadline: How long a whole call may take, in seconds. Default: the service's own `timeout` (480 s unless
                the request says otherwise) and a minute.
            connect_timeout: How long one attempt may take to connect, in seconds. Default: 10.
            max_retries: How often a request is tried again that was not sent, was refused with 429, or is free.
                Default: 4.
            poll_interval: How often running tasks are polled, in seconds; one request serves all. Default: 2.
            retry_server_errors: Send a paid request again after a 500 `api_error`. Default: False.
            proxy: The proxy for every request: `http://`, `https://` or `socks5://`. Default: the environment's.
            ca_certificates: Certificates to trust beside the machine's: PEM text, or the path of a PEM file.
            app_name: Your application's name, which then opens the `User-Agent` header.
            progress: Whether calls show a progress bar; None shows one in a notebook and in a terminal.

        Raises:
            ConfigError: There is no token, or a setting cannot hold; the message names it.
        """
        settings: dict[str, JSON] = {
            "token": token,
            "base_url": base_url,
            "deadline": deadline,
            "connect_timeout": connect_timeout,
            "max_retries": max_retries,
            "poll_interval": poll_interval,
            "retry_server_errors": retry_server_errors,
            "proxy": proxy,
            "ca_certificates": certificates(ca_certificates),
            "app_name": app_name,
        }
        self._session = Session(settings, progress=progress)

    @property
    def base_url(self) -> str:
        """Where the API is: the base URL in force, by whatever it was set."""
        return self._session.native.base_url

    async def imagine(self, prompt: str, **options: Unpack[AsyncGenerateOptions]) -> AsyncImage:
        """Draw a 2×2 grid from a prompt and wait for it, about a minute.

        Args:
            prompt: What to draw, in English unless `translation`; flags such as `--ar 16:9` and up to five leading
                image URLs are part of it.
            options: Those of every generation, and how the wait is shown.

        Raises:
            InvalidRequestError: Refused here, before anything was sent.
            OutcomeUnknownError: The request left and no usable answer came; it may have been paid for.
            DeadlineError: The deadline passed; `task_id` names the task where it is known.
            MidjourneyError: Any other class of `errors`; `may_have_been_accepted` says what it means for your money.
        """
        on_progress, progress = options.pop("on_progress", None), options.pop("progress", None)
        asked = arguments.generation(prompt, options)
        return await _image(self._session, "imagine", asked, on_progress, progress)

    def stream(self, prompt: str, **options: Unpack[SubmitOptions]) -> AsyncUpdates:
        """Draw a 2×2 grid and see every frame as it is drawn.

        Nothing is sent before the first update is asked for. Close the stream, or use it in an `async with`
        statement, to end the exchange when you leave before its end: `break` alone does not.

        Example:
            async with client.stream("A lighthouse") as updates:
                async for update in updates:
                    print(update.progress, update.image)

        Args:
            prompt: As in `imagine`.
            options: Those of every generation.

        Raises:
            InvalidRequestError: Refused here, before anything was sent.
            MidjourneyError: While it is read: as `imagine`.
        """
        return AsyncUpdates(self._session, self._session.stream(arguments.generation(prompt, options)))

    async def submit(self, prompt: str, **options: Unpack[SubmitOptions]) -> AsyncTask:
        """Submit a 2×2 grid and return as soon as the service has named its task.

        Args:
            prompt: As in `imagine`.
            options: Those of every generation.

        Raises:
            MidjourneyError: As `imagine`.
        """
        asked = arguments.generation(prompt, options)
        return AsyncTask(await self._session.call_async("submit", asked), self._session)

    async def task(self, task_id: str | None = None, *, trace_id: str | None = None) -> AsyncTask:
        """Look a task up by its id, or by the trace id that an error or an answer named. Free of charge.

        Raises:
            NotFoundError: The service knows no such task; right after a submission it may not know it yet.
            MidjourneyError: `AuthenticationError`, `RateLimitError`, `ServerError`, `NotSentError`, `DecodeError`
                or `DeadlineError`.
        """
        return AsyncTask(await self._session.call_async("task", arguments.asked_task(task_id, trace_id)), self._session)

    async def tasks(self, task_ids: Iterable[str]) -> list[AsyncTask | None]:
        """Look tasks up, in the order asked, with None in the place of one that the service does not know.

        Raises:
            MidjourneyError: As `task`, but for `NotFoundError`.
        """
        found = await self._session.call_async("tasks", {"ids": list(task_ids)})
        return [None if task is None else AsyncTask(task, self._session) for task in found]

    def image(self, image: str | Mapping[str, object] | ImageData) -> AsyncImage:
        """Give a picture made earlier, from its id, from its JSON, or from another client. Nothing is sent.

        From an id alone everything but `image_id` is absent, and every action is offered.
        """
        data = image.to_dict() if isinstance(image, ImageData) else image_data(image)
        return AsyncImage(data, self._session)

    async def close(self) -> None:
        """Let the connections go; later calls raise RuntimeError. What it gave cannot go on either."""
        self._session.close()

    async def __aenter__(self) -> Self:
        """Give the client, to be closed at the end."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        await self.close()

    def __repr__(self) -> str:
        """Show where the API is, and no secret."""
        settings = self._session.settings
        return f"AsyncClient({', '.join(shown_settings(settings))})"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as settings without the token."""
        return _of_session, (self._session,)


def _of_session(session: Session) -> AsyncClient:
    client = AsyncClient.__new__(AsyncClient)
    object.__setattr__(client, "_session", session)
    return client


class AsyncImage(Picture):
    """A picture that the API made, with the client to go on with it. The 2×2 grid is one picture.

    An action that the image is known not to offer is refused before anything is sent, with what it does offer
    (`ActionNotAvailableError`). All actions take the options of `AsyncClient.imagine`, and raise what it raises.
    """

    __slots__ = ()

    async def act(self, action: str, **options: Unpack[AsyncWaitOptions]) -> AsyncImage:
        """Do any action by its name on the wire, such as `variation1`; new names pass through."""
        return await self._act("act", action, **options)

    async def upscale(self, index: int, **options: Unpack[AsyncWaitOptions]) -> AsyncImage:
        """Make one quadrant of a grid a picture of its own: 1 top left, 2 top right, 3 bottom left, 4 bottom right."""
        return await self._act("upscale", index, **options)

    async def variation(self, index: int, **options: Unpack[AsyncWaitOptions]) -> AsyncImage:
        """Make a new grid of variations of one quadrant (1 to 4) of a grid."""
        return await self._act("variation", index, **options)

    async def reroll(self, **options: Unpack[AsyncWaitOptions]) -> AsyncImage:
        """Make a new grid from the same prompt."""
        return await self._act("reroll", **options)

    async def upscale_2x(self, **options: Unpack[AsyncWaitOptions]) -> AsyncImage:
        """Make an upscaled picture twice its size."""
        return await self._act("upscale_2x", **options)

    async def upscale_4x(self, **options: Unpack[AsyncWaitOptions]) -> AsyncImage:
        """Make an upscaled picture four times its size."""
        return await self._act("upscale_4x", **options)

    async def upscale_subtle(self, **options: Unpack[AsyncWaitOptions]) -> AsyncImage:
        """Make an upscaled picture larger and true to the original."""
        return await self._act("upscale_subtle", **options)

    async def upscale_creative(self, **options: Unpack[AsyncWaitOptions]) -> AsyncImage:
        """Make an upscaled picture larger and with new detail."""
        return await self._act("upscale_creative", **options)

    async def variation_subtle(self, **options: Unpack[AsyncWaitOptions]) -> AsyncImage:
        """Make a grid of small variations of an upscaled picture."""
        return await self._act("variation_subtle", **options)

    async def variation_strong(self, **options: Unpack[AsyncWaitOptions]) -> AsyncImage:
        """Make a grid of large variations of an upscaled picture."""
        return await self._act("variation_strong", **options)

    async def variation_region(self, mask: MaskSource, prompt: str, **options: Unpack[AsyncEditOptions]) -> AsyncImage:
        """Draw the white area of `mask` anew from `prompt`, and give a new grid.

        The service never lists this action and always takes it.

        Args:
            mask: A greyscale picture of exactly the image's size in pixels (`size`): path, URL, bytes, file opened for
                reading, or Pillow image.
            prompt: What to draw there.
            options: Those of `AsyncClient.imagine`.
        """
        return await self._act("variation_region", mask=mask, prompt=prompt, **options)

    async def zoom_out(self, factor: float, **options: Unpack[AsyncWaitOptions]) -> AsyncImage:
        """Show an upscaled picture from further away, by the factor 2 or 1.5, with new surroundings."""
        return await self._act("zoom_out", factor, **options)

    async def pan(self, direction: str, **options: Unpack[AsyncWaitOptions]) -> AsyncImage:
        """Continue an upscaled picture to the `left`, `right`, `up` or `down`."""
        return await self._act("pan", direction, **options)

    def stream(self, action: str, **options: Unpack[ActionOptions]) -> AsyncUpdates:
        """Do any action by its name on the wire, and see every frame as it is drawn; see `AsyncClient.stream`."""
        asked = arguments.action(self, "act", [action], options)
        return AsyncUpdates(self._session, self._session.stream(asked))

    async def submit(self, action: str, **options: Unpack[ActionOptions]) -> AsyncTask:
        """Submit any action by its name on the wire; see `AsyncClient.submit`."""
        asked = arguments.action(self, "act", [action], options)
        return AsyncTask(await self._session.call_async("submit", asked), self._session)

    async def bytes(
        self,
        *,
        preview: bool = False,
        sub_image: int | None = None,
        deadline: float | None = None,
    ) -> bytes:
        """Fetch the picture.

        Args:
            preview: The preview, half as wide and half as high, instead of the full picture.
            sub_image: One quadrant (1 to 4) of a grid that was made with `split_images`, instead of the whole.
            deadline: How long all tries together may take, in seconds. Default: 300.

        Raises:
            PictureError: It could not be fetched, or the image was made from an id alone and has no URL.
        """
        asked = arguments.file(self, preview=preview, sub_image=sub_image, deadline=deadline)
        content = await self._session.call_async("bytes", asked)
        if sub_image is None:
            cached.put(self, content)
        return content  # type: ignore[no-any-return]

    async def save(
        self,
        path: str | os.PathLike[str],
        *,
        preview: bool = False,
        sub_image: int | None = None,
        keep_existing: bool = False,
        deadline: float | None = None,
    ) -> pathlib.Path:
        """Save the picture to a file, or into a folder as `<image_id>.<extension>`, and give the path.

        The file is written beside its target and renamed, so that it is whole or not there. An extension is added
        where the path has none.

        Args:
            path: A file or a folder.
            preview: The preview instead of the full picture.
            sub_image: One quadrant (1 to 4) of a grid that was made with `split_images`, instead of the whole.
            keep_existing: Refuse to replace a file instead of replacing it.
            deadline: How long fetching may take, in seconds. Default: 300.

        Raises:
            PictureError: It could not be fetched or written.
        """
        import os
        from pathlib import Path

        asked = arguments.file(self, preview=preview, sub_image=sub_image, deadline=deadline)
        asked |= {"path": os.fspath(path), "keep_existing": keep_existing}
        return Path(await self._session.call_async("save", asked))

    async def to_pil(self, *, preview: bool = False, deadline: float | None = None) -> PIL.Image.Image:
        """Fetch the picture as a Pillow image; needs the extra `pillow`.

        Raises:
            PictureError: As `bytes`.
        """
        return pillow(await self.bytes(preview=preview, deadline=deadline))

    async def _act(self, method: str, *given: float | str, **options: Unpack[AsyncWaitOptions]) -> AsyncImage:
        on_progress, progress = options.pop("on_progress", None), options.pop("progress", None)
        asked = arguments.action(self, method, given, options)
        return await _image(self._session, "imagine", asked, on_progress, progress)


class AsyncTask(TaskData):
    """One generation as it was last seen, with the client to poll it again."""

    __slots__ = ("_session",)

    def __init__(self, data: JSONObject, session: Session) -> None:
        """Hold the data, and the session to go on with."""
        super().__init__(data)
        self._session = session

    @property
    def image(self) -> AsyncImage | None:
        """The finished picture, or the latest preview of an unfinished one."""
        return optional(lambda data: AsyncImage(data, self._session), self._data.get("image"))

    async def wait(
        self,
        *,
        deadline: float | None = None,
        on_progress: AsyncOnProgress | None = None,
        progress: bool | None = None,
    ) -> AsyncImage:
        """Wait until the task is finished. All tasks that wait on one client share their polls.

        Args:
            deadline: How long to wait, in seconds. Default: the client's, else the task's `timeout` and a minute.
            on_progress: Called with every `Update`, on the thread of the event loop.
            progress: Whether to show a progress bar. Default: as the client has it.

        Raises:
            TaskFailedError: The task failed; or another class, where the service's code says more.
            OutcomeUnknownError: The service has not known the task for 30 s.
            DeadlineError: The deadline passed; the task goes on.
        """
        asked: dict[str, JSON] = {"task": self.to_dict(), "deadline": deadline}
        return await _image(self._session, "wait", asked, on_progress, progress, task_id=self.task_id)

    def stream(self, *, deadline: float | None = None) -> AsyncUpdates:
        """Give what can be seen of the task from now on, until it is finished."""
        asked: dict[str, JSON] = {"task": self.to_dict(), "deadline": deadline}
        return AsyncUpdates(self._session, self._session.stream(asked))

    async def refresh(self) -> AsyncTask:
        """Poll the task once, and give it as it is now.

        Raises:
            MidjourneyError: As `AsyncClient.task`.
        """
        return AsyncTask(await self._session.call_async("task", {"id": self.task_id}), self._session)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the client's settings, without its token."""
        return type(self), (self._data, self._session)


class AsyncUpdates(AsyncOpenStream["AsyncImage"]):
    """The updates of one generation as they come: an iterator, and a context manager that ends the exchange."""

    __slots__ = ()

    async def result(self) -> AsyncImage:
        """Read the stream to its end and give the finished picture; also when it was read to its end before.

        Raises:
            RuntimeError: The stream was closed before its end; the task goes on at the service.
            MidjourneyError: As the call that the stream stands for.
        """
        async for _ in self:
            pass
        return self._image()

    def __aiter__(self) -> Self:
        """Give itself."""
        return self

    async def __anext__(self) -> Update[AsyncImage]:
        """Wait for the next update. A wait that is cancelled loses none."""
        with self._reading():
            text = await self._stream.next_async()
        if text is None:
            raise StopAsyncIteration
        update = _read_update(self._session, text)
        if update.done:
            self._end = update.image
        return update

    async def __aenter__(self) -> Self:
        """Give the stream, to be closed at the end."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the exchange."""
        self.close()


def _read_update(session: Session, text: str) -> Update[AsyncImage]:
    data = json.loads(text)
    return Update(data, optional(lambda image: AsyncImage(image, session), data.get("image")))


async def _image(
    session: Session,
    verb: str,
    asked: JSONObject,
    on_progress: AsyncOnProgress | None,
    progress: bool | None,  # noqa: FBT001 - None is a third answer
    *,
    task_id: str | None = None,
) -> AsyncImage:
    """Make a call that ends in a picture, with a progress bar where one is wanted."""
    bar = bar_for(session.progress if progress is None else progress)
    previews = AsyncPreviews(bar) if bar else None
    listeners = [listener for listener in (previews and previews.show, on_progress) if listener]
    with Pickup(lambda text: _read_update(session, text), listeners, task_id) as pickup, bar or nullcontext():
        image = AsyncImage(await session.call_async(verb, asked, pickup), session)
        if previews:
            await previews.last()
    if bar and bar.picture:
        cached.put(image, bar.picture)
    return image


write_out([*vars(AsyncClient).values(), *vars(AsyncImage).values()])
