"""What a caller of `Client`, `Image` and `Task` meets, beside what the vectors show. The module's own functions too."""

from __future__ import annotations

import asyncio
import copy
import gc
import io
import json
import logging
import os
import pickle
import subprocess
import sys
from binascii import b2a_base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image as Pillow

import midjourney_imagine
from midjourney_imagine import (
    ActionNotAvailableError,
    AsyncClient,
    Client,
    ConfigError,
    DeadlineError,
    Emulator,
    Image,
    InvalidRequestError,
    Mask,
    MidjourneyError,
    NotFoundError,
    PictureError,
    Update,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PNG = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture
def client(midjourney_emulator: Emulator) -> Iterator[Client]:
    assert midjourney_emulator.url.startswith("http://127.0.0.1:")
    with Client(poll_interval=0.05) as client:
        yield client


@pytest.fixture
def grid(client: Client) -> Image:
    return client.imagine("A cat sitting on a table")


class Enough(Exception):  # noqa: N818 - it is no error
    """What a callback raises to end a call."""


def test_settings_come_from_the_environment_and_an_argument_beats_it(midjourney_emulator: Emulator) -> None:
    assert Client().base_url == midjourney_emulator.url
    assert Client(base_url="https://gateway.example/midjourney/").base_url == "https://gateway.example/midjourney"


def test_without_a_token_there_is_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACEDATACLOUD_API_TOKEN", raising=False)
    for make in (Client, AsyncClient, midjourney_imagine.reroll):
        with pytest.raises(ConfigError, match="ACEDATACLOUD_API_TOKEN"):
            make(*(["1"] if make is midjourney_imagine.reroll else []))


@pytest.mark.parametrize(
    "setting",
    [{"deadline": 0}, {"poll_interval": -1}, {"max_retries": -1}, {"proxy": "nowhere"}, {"app_name": "two\nlines"}],
    ids=str,
)
def test_a_setting_that_cannot_hold_is_named(setting: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"`{next(iter(setting))}`"):
        Client(token="t", **setting)


def test_certificates_are_text_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
    file.write_text(pem)
    for source in (pem, pem.encode(), file, str(file)):
        assert repr(Client(token="t", ca_certificates=source)) == "Client(token=…, ca_certificates=…)"
    with pytest.raises(ConfigError, match="`ca_certificates`: the file cannot be read"):
        Client(token="t", ca_certificates=tmp_path / "none.pem")


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_client_pickles_as_its_settings_without_the_token(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = kind(token="secret-token", base_url="http://127.0.0.1:1", max_retries=1)
    travelling = pickle.dumps(client)
    assert b"secret-token" not in travelling
    # Another process does not know the session.
    del client
    gc.collect()
    monkeypatch.delenv("ACEDATACLOUD_API_TOKEN", raising=False)
    there = pickle.loads(travelling)
    with pytest.raises(ConfigError, match="no API token"):
        _ = there.base_url
    monkeypatch.setenv("ACEDATACLOUD_API_TOKEN", "of-the-worker")
    assert there.base_url == "http://127.0.0.1:1", "a token that came later is found"
    assert type(there) is kind
    assert repr(there) == f"{kind.__name__}(base_url='http://127.0.0.1:1', max_retries=1)"


def by_pickle(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, by_pickle])
def test_in_one_process_what_travels_keeps_its_session(travel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACEDATACLOUD_API_TOKEN", raising=False)
    with Emulator() as emulator, Client(token="secret-token", base_url=emulator.url) as client:
        assert travel(client).imagine("A cat").progress == 100
        image = client.imagine("A dog")
        assert len(travel(image).bytes(preview=True)) > 100
        assert travel(client.submit("A bird")).wait().progress == 100
    with pytest.raises(RuntimeError, match="the client is closed"):
        travel(image).bytes()


POOL = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from midjourney_imagine import Client, ConfigError


def draw(url: str):
    return Client(token="secret-token", base_url=url).imagine("A cat")


def draw_with(client, prompt: str):
    return client.imagine(prompt)


if __name__ == "__main__":
    url, method = sys.argv[1:]
    with ProcessPoolExecutor(2, get_context(method)) as pool:
        images = list(pool.map(draw, [url] * 3))
        assert [image.progress for image in images] == [100] * 3, images
        try:
            images[0].bytes()
        except ConfigError as error:
            assert "no API token" in str(error), error
        else:
            raise SystemExit("the worker's token is not the parent's")
        client = Client(token="secret-token", base_url=url)
        assert client.image(images[0]).bytes(preview=True), "a client of the parent's own fetches it"
    if method == "fork":
        with ProcessPoolExecutor(2, get_context(method)) as pool:
            image = pool.submit(draw_with, client, "A dog").result()
            assert image.bytes(preview=True), "a session of the parent's comes home"
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_images_come_out_of_a_pool_whose_parent_has_no_token(method: str, tmp_path: Path) -> None:
    program = tmp_path / "pool.py"
    program.write_text(POOL)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ACEDATACLOUD_")}
    with Emulator() as emulator:
        done = subprocess.run(
            [sys.executable, str(program), emulator.url, method],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert emulator.ledger().started == (4 if method == "fork" else 3)


def test_no_secret_is_shown() -> None:
    client = Client(token="secret-token", proxy="http://user:password@proxy.example:1")
    assert repr(client) == "Client(token=…, proxy=…)"


def test_a_closed_client_says_so(grid: Image) -> None:
    with Client() as client:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        client.task("1")
    assert grid.upscale(1)


def test_an_image_of_another_client_goes_on_with_this_one(grid: Image, midjourney_emulator: Emulator) -> None:
    other = Client(app_name="another")
    other.image(grid).reroll()
    agents = [entry.headers["user-agent"] for entry in midjourney_emulator.journal()]
    assert not agents[0].startswith("another")
    assert agents[-1].startswith("another")


def test_every_action_of_the_surface(grid: Image, tmp_path: Path) -> None:
    cat = grid.upscale(2)
    for image in (
        grid.variation(1),
        grid.reroll(),
        grid.act("variation2"),
        cat.upscale_2x(),
        cat.upscale_4x(),
        cat.variation_subtle(),
        cat.variation_strong(),
        cat.zoom_out(2),
        cat.zoom_out(1.5),
        cat.pan("left"),
    ):
        assert image.progress == 100
    with pytest.raises(ActionNotAvailableError, match="it offers upscale_2x"):
        cat.upscale(1)
    saved = cat.save(tmp_path)
    assert saved == tmp_path / f"{cat.image_id}.png"
    assert saved.read_bytes() == cat.bytes()


def test_actions_take_options_and_report_progress(grid: Image, midjourney_emulator: Emulator) -> None:
    seen: list[Update] = []
    grid.variation(1, mode="turbo", split_images=True, extra={"application_id": "a"}, on_progress=seen.append)
    assert [update.done for update in seen][-1]
    body = [entry.body for entry in midjourney_emulator.journal() if entry.path == "/midjourney/imagine"][-1]
    for part in ('"mode":"turbo"', '"split_images":true', '"application_id":"a"', '"action":"variation1"'):
        assert part in body


def test_an_action_can_be_submitted_and_streamed(grid: Image, midjourney_emulator: Emulator) -> None:
    task = grid.submit("upscale1", callback_url=f"{midjourney_emulator.url}/hook")
    assert task.wait().task_id == task.task_id
    with grid.stream("upscale2") as updates:
        assert [update.done for update in updates].count(True) == 1
    with pytest.raises(ActionNotAvailableError), grid.stream("pan_left") as updates:
        next(updates)


def test_a_task_is_waited_for_watched_and_looked_up(client: Client) -> None:
    task = client.submit("A lighthouse")
    image = task.wait(deadline=30)
    assert client.task(task.task_id).image == image
    assert client.task(trace_id=image.trace_id or task.trace_id).task_id == task.task_id
    assert [update.done for update in task.stream()][-1]
    found = client.tasks([task.task_id, "11111111-2222-4333-8444-555555555555"])
    assert [one and one.task_id for one in found] == [task.task_id, None]
    with pytest.raises(NotFoundError):
        client.task("11111111-2222-4333-8444-555555555555")
    with pytest.raises(TypeError):
        client.task()


def test_a_deadline_names_the_task() -> None:
    with Emulator(speed="virtual") as emulator:
        client = Client(base_url=emulator.url, token="t", poll_interval=0.05)
        for deadline in (0.3, 3, 30):
            with pytest.raises(DeadlineError) as caught:
                client.imagine("A cat", deadline=deadline)
            # A busy machine may not have the task's id within the first.
            if caught.value.task_id:
                break
        assert caught.value.may_have_been_accepted
        task = client.task(caught.value.task_id)
        emulator.clock_advance(60)
        assert task.wait().progress == 100


def test_an_exception_of_the_callback_ends_the_call(client: Client, midjourney_emulator: Emulator) -> None:
    def enough(update: Update) -> None:
        assert isinstance(update.image, Image | None)
        raise Enough

    with pytest.raises(Enough):
        client.imagine("A cat", on_progress=enough)
    assert midjourney_emulator.ledger().started == 1


def test_pictures_come_in_three_sizes(client: Client, tmp_path: Path) -> None:
    grid = client.imagine("A cat", split_images=True)
    sizes = {
        Pillow.open(io.BytesIO(content)).size
        for content in (grid.bytes(), grid.bytes(preview=True), grid.bytes(sub_image=4))
    }
    assert sizes == {(2048, 2048), (1024, 1024)}
    assert grid.to_pil().size == grid.size == (2048, 2048)
    assert grid.to_pil(preview=True).size == (1024, 1024)
    with pytest.raises(PictureError, match="no such sub-image"):
        grid.bytes(sub_image=5)
    path = grid.save(tmp_path / "new" / "cat", preview=True)
    assert path == tmp_path / "new" / "cat.png"
    with pytest.raises(PictureError, match="could not be written"):
        grid.save(path, keep_existing=True)


def test_an_option_with_a_slip_is_refused_before_anything_is_sent(grid: Image, midjourney_emulator: Emulator) -> None:
    slip: dict[str, Any] = {"callback_ulr": "https://example.com/hook"}
    for act in (grid.act, grid.submit, grid.stream):
        with pytest.raises(TypeError, match="unexpected keyword argument 'callback_ulr'"):
            act("upscale1", **slip)
    with Client() as client:
        for draw in (client.imagine, client.submit, client.stream, midjourney_imagine.imagine):
            with pytest.raises(TypeError, match="unexpected keyword argument 'callback_ulr'"):
                draw("A cat", **slip)
        for draw in (client.submit, client.stream):
            with pytest.raises(TypeError, match="unexpected keyword argument 'on_progress'"):
                draw("A cat", on_progress=print)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'callback_ulr'"):
        midjourney_imagine.upscale(grid, 1, **slip)
    assert midjourney_emulator.ledger().submissions == 1


def white(size: tuple[int, int]) -> Pillow.Image:
    return Pillow.new("RGB", size, "white")


def masks(folder: Path, size: tuple[int, int]) -> dict[str, Any]:
    picture = white(size)
    path = folder / "mask.png"
    picture.save(path)
    return {
        "path": path,
        "text": str(path),
        "bytes": path.read_bytes(),
        "bytearray": bytearray(path.read_bytes()),
        "memoryview": memoryview(path.read_bytes()),
        "file": io.BytesIO(path.read_bytes()),
        "pillow": picture,
        "mask": Mask(path),
        "mask of a file": Mask.file(path),
        "mask of bytes": Mask.bytes(path.read_bytes()),
    }


def test_a_mask_is_whatever_holds_it(grid: Image, tmp_path: Path) -> None:
    cat = grid.upscale(1)
    assert cat.size
    for name, mask in masks(tmp_path, cat.size).items():
        assert cat.variation_region(mask, "a red hat").progress == 100, name


def test_an_open_file_is_a_mask(grid: Image, tmp_path: Path) -> None:
    cat = grid.upscale(1)
    assert cat.size
    with Path(masks(tmp_path, cat.size)["path"]).open("rb") as file:
        assert cat.variation_region(file, "a red hat")


def test_a_mask_goes_out_as_its_url_or_its_content(midjourney_emulator: Emulator) -> None:
    url, content = "https://me.example/mask.png?signature=1", b2a_base64(PNG, newline=False).decode()
    for mask, wire in ((url, url), (Mask.url(f"data:image/png;base64,{content}"), content), (PNG, content)):
        with Client() as client, pytest.raises(MidjourneyError):
            client.image("1").variation_region(mask, "a red hat")
        assert json.loads(midjourney_emulator.journal()[-1].body)["mask"] == wire


def test_masks_say_what_they_are_and_not_what_they_hold() -> None:
    assert Mask(PNG) == Mask.bytes(PNG) == pickle.loads(pickle.dumps(Mask(PNG)))
    assert hash(Mask(PNG)) == hash(Mask(Mask(PNG)))
    assert Mask(PNG) != PNG
    assert repr(Mask("https://me.example/mask.png?signature=1")) == "Mask(url)"


def test_a_mask_that_cannot_be_read_is_refused_without_its_name(midjourney_emulator: Emulator, tmp_path: Path) -> None:
    mask = Mask.file(tmp_path / "secret-name.png")
    with Client() as client:
        image = client.image("1")
        for way in (
            lambda: image.variation_region(mask, "a hat"),
            lambda: image.submit("variation_region", mask=mask, prompt="a hat"),
            lambda: next(image.stream("variation_region", mask=mask, prompt="a hat")),
        ):
            with pytest.raises(InvalidRequestError, match="`mask`: the file cannot be read: No such file") as caught:
                way()
            assert "secret-name" not in str(caught.value)
    assert midjourney_emulator.ledger().submissions == 0


def test_an_argument_that_cannot_be_read_is_named_with_what_would_do(midjourney_emulator: Emulator) -> None:
    given: list[tuple[dict[str, Any], str]] = [
        ({"prompt": 42}, "`prompt`: expected a string"),
        ({"prompt": "A cat", "hd": "secret"}, "`hd`: expected true or false"),
        ({"prompt": "A cat", "deadline": -1}, "`deadline`: expected a number of seconds above zero"),
        ({"prompt": "half a \ud800"}, "`prompt`: it holds half of a character (a lone surrogate)"),
    ]
    with Client() as client:
        for options, message in given:
            with pytest.raises(InvalidRequestError) as caught:
                client.imagine(**options)
            assert str(caught.value) == message
    assert midjourney_emulator.ledger().submissions == 0


def test_the_modules_functions_use_the_environments_client(midjourney_emulator: Emulator, tmp_path: Path) -> None:
    grid = midjourney_imagine.imagine("A cat", progress=False)
    cat = midjourney_imagine.upscale(grid, 2, mode="turbo")
    assert midjourney_imagine.zoom_out(cat.to_dict(), 2).progress == 100
    assert midjourney_imagine.act(grid.image_id, "variation1").progress == 100
    assert midjourney_imagine.image(cat.to_json()) == cat
    task = midjourney_imagine.submit("A dog")
    assert midjourney_imagine.task(task.task_id).wait().save(tmp_path / "dog").exists()
    assert len(midjourney_imagine.tasks([task.task_id])) == 1
    with midjourney_imagine.stream("A bird") as updates:
        assert [update.progress for update in updates][-1] == 100
    assert midjourney_emulator.ledger().started == 6


def test_log_lines_go_to_the_standard_log_without_the_token(
    midjourney_emulator: Emulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="midjourney_imagine")
    midjourney_emulator.add_fault("rate_limit", 0)
    Client(token="secret-token").imagine("A prompt that is private")
    assert {record.name for record in caplog.records} == {"midjourney_imagine"}
    assert "secret-token" not in caplog.text
    assert "A prompt that is private" not in caplog.text


def test_closing_a_stream_ends_its_exchange_at_once(midjourney_emulator: Emulator) -> None:
    frame: dict[str, object] = {"success": True, "task_id": "t-1", "image_id": "1", "progress": 35, "actions": []}
    midjourney_emulator.script([{"path": "/midjourney/imagine", "lines": [frame], "then": "hold"}])
    with Client() as client, client.stream("A cat") as updates:
        assert next(updates).progress == 35
        assert repr(updates) == "Updates(task_id='t-1')"
    # The stream itself is still held here, so nothing but closing it can have ended the exchange.
    (request,) = midjourney_emulator.journal(abandoned=1)
    assert request.abandoned
    assert list(updates) == []


def test_an_error_stands_for_itself(client: Client) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        client.imagine(" ")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__, "the border's own exception would only repeat it"


def test_without_asyncio_the_async_client_says_what_it_needs() -> None:
    client = AsyncClient(token="t", base_url="http://127.0.0.1:1")
    for begun in (client.imagine("A cat"), anext(client.stream("A cat")), client.image("121").upscale(1)):
        with pytest.raises(RuntimeError, match=r"needs a running event loop of asyncio; under trio"):
            begun.send(None)


def test_a_log_handler_that_raises_does_not_end_a_call(midjourney_emulator: Emulator) -> None:
    class Failing(logging.Handler):
        tried = 0

        def emit(self, record: logging.LogRecord) -> None:
            del record
            Failing.tried += 1
            raise OSError(32, "Broken pipe")

    logger = logging.getLogger("midjourney_imagine")
    handler = Failing()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with Client() as client:
            assert client.imagine("A cat").progress == 100

        async def main() -> None:
            async with AsyncClient() as client:
                assert (await client.imagine("A cat")).progress == 100

        asyncio.run(main())
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert Failing.tried > 0
    assert midjourney_emulator.ledger().started == 2
