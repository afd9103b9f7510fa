"""The blocking client: `Client`, and the `Image`, `Task` and `Updates` that it gives.

Every call releases the interpreter while it waits, and Ctrl-C ends it at once. The same for asyncio is in `aio`.
"""

from __future__ import annotations

import json
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

from . import _arguments as arguments
from ._arguments import ActionOptions, CallOptions
from ._kept import kept
from ._native import NativeError
from ._picture import Picture, pillow
from ._progress import PREVIEW_SECONDS, bar_for
from ._record import optional
from ._session import Session, certificates, image_data, raise_as_class, shown_settings
from ._update import Update
from .errors import MidjourneyError
from .models import ImageData, Mode, TaskData

if TYPE_CHECKING:
    import os
    import pathlib
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    import PIL.Image
    from typing_extensions import Self, Unpack

    from ._commands import CommandArguments, CommandVerb, Wait
    from ._native import Stream as NativeStream
    from ._progress import Bar
    from ._record import JSON, JSONObject
    from .mask import MaskSource

    OnProgress = Callable[[Update], object]


class RegionOptions(CallOptions, total=False):
    """The options of a `variation_region` that is waited for."""

    on_progress: OnProgress | None
    """Called with every update, on the calling thread; keep it short."""

    progress: bool | None
    """Whether to show a progress bar; None shows one in a notebook and in a terminal."""


class WaitOptions(ActionOptions, RegionOptions, total=False):
    """The options of any other action that is waited for."""


class Client:
    """The way to the API, for code that waits. Safe to share between threads; usable after a fork.

    Settings left out come from the environment (`ACEDATACLOUD_API_TOKEN`, `ACEDATACLOUD_API_BASE_URL`) or have
    the default named here. A client pickles as its settings without the token, and finds that again in the
    environment of the process that it travels to.

    Example:
        with Client() as client:
            grid = client.imagine("A cat sitting on a table")
            grid.upscale(2).save("cat.png")
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
            base_url: Where the API is; a path is kept as a prefix.
            deadline: How long a whole call may take, in seconds. Default: the service's own `timeout` (480 s unless
                the request says otherwise) and a minute.
            connect_timeout: How long one attempt may take to connect, in seconds. Default: 10.
            max_retries: How often a request is tried again that was not sent, was refused with 429, or is free.
                Default: 4.
            poll_interval: How often running tasks are looked up, in seconds; one call serves all. Default: 2.
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

    def imagine(
        self,
        prompt: str,
        *,
        mode: Mode | None = None,
        timeout: float | None = None,
        translation: bool | None = None,
        split_images: bool | None = None,
        mask: MaskSource | None = None,
        callback_url: str | None = None,
        version: str | None = None,
        hd: bool | None = None,
        quality: str | None = None,
        style_reference: bool | None = None,
        moodboard: bool | None = None,
        extra: Mapping[str, object] | None = None,
        deadline: float | None = None,
        on_progress: OnProgress | None = None,
        progress: bool | None = None,
    ) -> Image:
        """Draw a 2×2 grid from a prompt and wait for it, about a minute.

        Args:
            prompt: What to draw, in English unless `translation`; flags such as `--ar 16:9` and up to five leading
                image URLs are part of it.
            mode: `fast` (the service's default), `relax` or `turbo`.
            timeout: How long the service itself waits, in seconds (480).
            translation: Have the service translate the prompt to English.
            split_images: Have the four quadrants as pictures of their own, too, in `sub_image_urls`.
            mask: The area to draw anew, for an action that takes one: path, URL, bytes, file or Pillow image.
            callback_url: Where the service shall post the result, too.
            version: The model's version, such as `7`; prompts usually say `--version` as well.
            hd: High definition; the V8 family only.
            quality: `.25`, `.5`, `1` (the service's default), `2` or `4`.
            style_reference: Declare that the prompt uses `--sref`.
            moodboard: Declare that the prompt uses a moodboard.
            extra: Fields that the API has learned since this version, by their wire names.
            deadline: How long the whole call may take, in seconds. Default: the client's, else `timeout` and a
                minute. The task goes on at the service; its id is on the error.
            on_progress: Called with every `Update`, on the calling thread; keep it short.
            progress: Whether to show a progress bar. Default: as the client was told.

        Raises:
            InvalidRequestError: Refused here, before anything was sent.
            OutcomeUnknownError: The request left and no usable answer came; it may have been paid for.
            DeadlineError: The deadline passed; `task_id` names the task where it is known.
            MidjourneyError: Any other class of `errors`; `may_have_been_accepted` says what it means for your money.
        """
        asked = arguments.generation(
            prompt,
            mask,
            mode=mode,
            timeout=timeout,
            translation=translation,
            split_images=split_images,
            callback_url=callback_url,
            version=version,
            hd=hd,
            quality=quality,
            style_reference=style_reference,
            moodboard=moodboard,
            extra=extra,
            deadline=deadline,
        )
        return finished(self._session, "imagine", asked, on_progress, progress)

    def stream(
        self,
        prompt: str,
        *,
        mode: Mode | None = None,
        timeout: float | None = None,
        translation: bool | None = None,
        split_images: bool | None = None,
        mask: MaskSource | None = None,
        callback_url: str | None = None,
        version: str | None = None,
        hd: bool | None = None,
        quality: str | None = None,
        style_reference: bool | None = None,
        moodboard: bool | None = None,
        extra: Mapping[str, object] | None = None,
        deadline: float | None = None,
    ) -> Updates:
        """Draw a 2×2 grid and watch every frame as it is drawn. Options as `imagine`.

        Nothing is sent before the first update is asked for. Close the stream, or use it in a `with` statement, to
        end the exchange when you leave before its end.

        Example:
            with client.stream("A lighthouse") as updates:
                for update in updates:
                    print(update.progress, update.image)

        Raises:
            InvalidRequestError: Refused here, before anything was sent.
            MidjourneyError: While it is read: as `imagine`.
        """
        asked = arguments.generation(
            prompt,
            mask,
            mode=mode,
            timeout=timeout,
            translation=translation,
            split_images=split_images,
            callback_url=callback_url,
            version=version,
            hd=hd,
            quality=quality,
            style_reference=style_reference,
            moodboard=moodboard,
            extra=extra,
            deadline=deadline,
        )
        return Updates(self._session, self._session.stream(asked))

    def submit(
        self,
        prompt: str,
        *,
        mode: Mode | None = None,
        timeout: float | None = None,
        translation: bool | None = None,
        split_images: bool | None = None,
        mask: MaskSource | None = None,
        callback_url: str | None = None,
        version: str | None = None,
        hd: bool | None = None,
        quality: str | None = None,
        style_reference: bool | None = None,
        moodboard: bool | None = None,
        extra: Mapping[str, object] | None = None,
        deadline: float | None = None,
    ) -> Task:
        """Submit a 2×2 grid and return as soon as the service has named its task. Options as `imagine`.

        Raises:
            MidjourneyError: As `imagine`.
        """
        asked = arguments.generation(
            prompt,
            mask,
            mode=mode,
            timeout=timeout,
            translation=translation,
            split_images=split_images,
            callback_url=callback_url,
            version=version,
            hd=hd,
            quality=quality,
            style_reference=style_reference,
            moodboard=moodboard,
            extra=extra,
            deadline=deadline,
        )
        return Task(self._session.call("submit", asked), self._session)

    def task(self, task_id: str | None = None, *, trace_id: str | None = None) -> Task:
        """Look a task up by its id, or by the trace id that an error or an answer named. Free of charge.

        Raises:
            NotFoundError: The service knows no such task; right after a submission it may not know it yet.
            MidjourneyError: `AuthenticationError`, `RateLimitError`, `ServerError`, `NotSentError`, `DecodeError`
                or `DeadlineError`.
        """
        return Task(self._session.call("task", arguments.asked_task(task_id, trace_id)), self._session)

    def tasks(self, task_ids: Iterable[str]) -> list[Task | None]:
        """Look tasks up, in the order asked, with None in the place of one that the service does not know.

        Raises:
            MidjourneyError: As `task`, but for `NotFoundError`.
        """
        found = self._session.call("tasks", {"ids": list(task_ids)})
        return [None if task is None else Task(task, self._session) for task in found]

    def image(self, image: str | Mapping[str, object] | ImageData) -> Image:
        """Give a picture made earlier, from its id, from its JSON, or from another client. Nothing is sent.

        From an id alone everything but `image_id` is absent, and every action is offered.
        """
        data = image.to_dict() if isinstance(image, ImageData) else image_data(image)
        return Image(data, self._session)

    def close(self) -> None:
        """Let the connections go; later calls raise RuntimeError. What it gave cannot go on either."""
        self._session.close()

    def __enter__(self) -> Self:
        """Give the client, to be closed at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        self.close()

    def __repr__(self) -> str:
        """Show where the API is, and no secret."""
        settings = self._session.settings
        return f"Client({', '.join(shown_settings(settings))})"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as settings without the token."""
        return _of_session, (self._session,)


def _of_session(session: Session) -> Client:
    client = Client.__new__(Client)
    object.__setattr__(client, "_session", session)
    return client


class Image(Picture):
    """A picture that the API made, with the client to go on with it. The 2×2 grid is one picture.

    An action that the image is known not to offer is refused before anything is sent, with what it does offer
    (`ActionNotAvailableError`). All actions take the options of `Client.imagine`, and raise what it raises.
    """

    __slots__ = ()

    def act(self, action: str, **options: Unpack[WaitOptions]) -> Image:
        """Do any action by its name on the wire, such as `variation1`; new names pass through."""
        return self._act("act", action, **options)

    def upscale(self, index: int, **options: Unpack[WaitOptions]) -> Image:
        """Make one quadrant of a grid a picture of its own: 1 top left, 2 top right, 3 bottom left, 4 bottom right."""
        return self._act("upscale", index, **options)

    def variation(self, index: int, **options: Unpack[WaitOptions]) -> Image:
        """Make a new grid of variations of one quadrant (1 to 4) of a grid."""
        return self._act("variation", index, **options)

    def reroll(self, **options: Unpack[WaitOptions]) -> Image:
        """Make a new grid from the same prompt."""
        return self._act("reroll", **options)

    def upscale_2x(self, **options: Unpack[WaitOptions]) -> Image:
        """Make an upscaled picture twice its size."""
        return self._act("upscale_2x", **options)

    def upscale_4x(self, **options: Unpack[WaitOptions]) -> Image:
        """Make an upscaled picture four times its size."""
        return self._act("upscale_4x", **options)

    def upscale_subtle(self, **options: Unpack[WaitOptions]) -> Image:
        """Make an upscaled picture larger and true to the original."""
        return self._act("upscale_subtle", **options)

    def upscale_creative(self, **options: Unpack[WaitOptions]) -> Image:
        """Make an upscaled picture larger and with new detail."""
        return self._act("upscale_creative", **options)

    def variation_subtle(self, **options: Unpack[WaitOptions]) -> Image:
        """Make a grid of small variations of an upscaled picture."""
        return self._act("variation_subtle", **options)

    def variation_strong(self, **options: Unpack[WaitOptions]) -> Image:
        """Make a grid of large variations of an upscaled picture."""
        return self._act("variation_strong", **options)

    def variation_region(self, mask: MaskSource, prompt: str, **options: Unpack[RegionOptions]) -> Image:
        """Draw the white area of `mask` anew from `prompt`.

        The service never lists this action and always takes it.

        Args:
            mask: A greyscale picture of the same size: path, URL, bytes, file opened for reading, or Pillow image.
            prompt: What to draw there.
            options: As `Client.imagine`.
        """
        return self._act("variation_region", mask=mask, prompt=prompt, **options)

    def zoom_out(self, factor: float, **options: Unpack[WaitOptions]) -> Image:
        """Show an upscaled picture from further away, by the factor 2 or 1.5, with new surroundings."""
        return self._act("zoom_out", factor, **options)

    def pan(self, direction: str, **options: Unpack[WaitOptions]) -> Image:
        """Continue an upscaled picture to the `left`, `right`, `up` or `down`."""
        return self._act("pan", direction, **options)

    def stream(self, action: str, **options: Unpack[ActionOptions]) -> Updates:
        """Do any action by its name on the wire, and watch every frame as it is drawn; see `Client.stream`."""
        asked = arguments.action(self, "act", action, **options)
        return Updates(self._session, self._session.stream(asked))

    def submit(self, action: str, **options: Unpack[ActionOptions]) -> Task:
        """Submit any action by its name on the wire; see `Client.submit`."""
        asked = arguments.action(self, "act", action, **options)
        return Task(self._session.call("submit", asked), self._session)

    def bytes(
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
        content = self._session.call("bytes", asked)
        if sub_image is None:
            kept.put(self, content)
        return content  # type: ignore[no-any-return]

    def save(
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
        return Path(self._session.call("save", {**asked, "path": os.fspath(path), "keep_existing": keep_existing}))

    def to_pil(self, *, preview: bool = False, deadline: float | None = None) -> PIL.Image.Image:
        """Fetch the picture as a Pillow image; needs the extra `pillow`.

        Raises:
            PictureError: As `bytes`.
        """
        return pillow(self.bytes(preview=preview, deadline=deadline))

    def _act(
        self,
        method: str,
        *given: float | str,
        on_progress: OnProgress | None = None,
        progress: bool | None = None,
        **options: Unpack[ActionOptions],
    ) -> Image:
        asked = arguments.action(self, method, *given, **options)
        return finished(self._session, "imagine", asked, on_progress, progress)


class Task(TaskData):
    """One generation as it was last seen, with the client to look again."""

    __slots__ = ("_session",)

    def __init__(self, data: JSONObject, session: Session) -> None:
        """Keep the data, and the session to go on with."""
        super().__init__(data)
        self._session = session

    @property
    def image(self) -> Image | None:
        """The finished picture, or the latest preview of an unfinished one."""
        return optional(lambda data: Image(data, self._session), self._data.get("image"))

    def wait(
        self,
        *,
        deadline: float | None = None,
        on_progress: OnProgress | None = None,
        progress: bool | None = None,
    ) -> Image:
        """Wait until the task is finished. All tasks that wait on one client share their look-ups.

        Args:
            deadline: How long to wait, in seconds. Default: the client's, else the task's `timeout` and a minute.
            on_progress: Called with every `Update`, on the calling thread.
            progress: Whether to show a progress bar. Default: as the client was told.

        Raises:
            TaskFailedError: The task failed; or another class, where the service's code says more.
            OutcomeUnknownError: The service has not known the task for 30 s.
            DeadlineError: The deadline passed; the task goes on.
        """
        asked: Wait = {"task": self.to_dict(), "deadline": deadline}
        return finished(self._session, "wait", asked, on_progress, progress)

    def stream(self, *, deadline: float | None = None) -> Updates:
        """Give what can be seen of the task from now on, until it is finished."""
        asked: Wait = {"task": self.to_dict(), "deadline": deadline}
        return Updates(self._session, self._session.stream(asked))

    def refresh(self) -> Task:
        """Look again, and give the task as it is now.

        Raises:
            MidjourneyError: As `Client.task`.
        """
        return Task(self._session.call("task", {"id": self.task_id}), self._session)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the client's settings, without its token."""
        return type(self), (self._data, self._session)


class Updates:
    """The updates of one generation, as they come: an iterator, and a context manager that ends the exchange."""

    __slots__ = ("__weakref__", "_session", "_stream")

    def __init__(self, session: Session, stream: NativeStream) -> None:
        """Read from a native stream."""
        self._session = session
        self._stream = stream

    @property
    def task_id(self) -> str | None:
        """The task, once the service has named it."""
        return self._stream.task_id

    def close(self) -> None:
        """End the exchange at once; the task goes on at the service."""
        self._stream.close()

    def __iter__(self) -> Self:
        """Give itself."""
        return self

    def __next__(self) -> Update:
        """Wait for the next update."""
        try:
            text = self._stream.next()
        except NativeError as error:
            raise_as_class(error)
        if text is None:
            raise StopIteration
        return read_update(self._session, text)

    def __enter__(self) -> Self:
        """Give the stream, to be closed at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the exchange."""
        self.close()

    def __repr__(self) -> str:
        """Show the task."""
        return f"Updates(task_id={self.task_id!r})"


def read_update(session: Session, text: str) -> Update:
    """Read an update of the native client."""
    data = json.loads(text)
    return Update(data, optional(lambda image: Image(image, session), data.get("image")))


def finished(
    session: Session,
    verb: CommandVerb,
    asked: CommandArguments,
    on_progress: OnProgress | None,
    progress: bool | None,  # noqa: FBT001 - None is a third answer
) -> Image:
    """Make a call that ends in a picture, with a progress bar where one is wanted."""
    bar = bar_for(session.progress if progress is None else progress)
    hearers = [hear for hear in (bar and _shown_on(bar), on_progress) if hear]
    listener = arguments.listener(lambda text: read_update(session, text), hearers)
    with bar or nullcontext():
        image = Image(session.call(verb, asked, listener), session)
    if bar and bar.picture:
        kept.put(image, bar.picture)
    return image


def _shown_on(bar: Bar) -> OnProgress:
    def show(update: Update) -> None:
        picture = None
        if bar.wants_pictures and update.image:
            # A preview that cannot be had is not worth the generation.
            with suppress(MidjourneyError):
                picture = update.image.bytes(preview=True, deadline=PREVIEW_SECONDS)
        bar.show(update.progress, picture)

    return show
