//! Fetching and saving pictures: whole or not at all, under the right name, and never with the token.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use midjourney_imagine::{Client, ErrorKind, Image, ImageData, Result};
use midjourney_imagine_emulator::{Emulator, ScriptedReply, Speed};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// A whole PNG of one pixel.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg==";

async fn start() -> (Emulator, Client) {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let client = client(&emulator, 1);
    (emulator, client)
}

fn client(emulator: &Emulator, max_retries: u32) -> Client {
    Client::builder()
        .base_url(emulator.url())
        .token("picture-token")
        .max_retries(max_retries)
        .build()
        .expect("a client")
}

/// An image whose picture is what `replies` say, one for each try.
fn scripted(emulator: &Emulator, client: &Client, replies: Vec<serde_json::Value>) -> Image {
    let replies = replies.into_iter().map(|mut reply| {
        reply["path"] = json!("/picture.png");
        serde_json::from_value::<ScriptedReply>(reply).expect("a reply")
    });
    emulator
        .script(replies.collect())
        .expect("replies that can be given");
    let image = json!({"image_id": "1200000000000000001", "task_id": "t-1", "raw_image_url": format!("{}/picture.png", emulator.url())});
    client.image(serde_json::from_value::<ImageData>(image).expect("an image"))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_grid_is_saved_in_full_size_or_as_its_preview_under_a_fitting_name() -> Result<()> {
    let (_emulator, client) = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let grid = client
        .imagine("A cat sitting on a table")
        .split_images(true)
        .await?;
    let named = grid.save(folder.path().join("cat.png")).await?;
    assert_eq!(named, folder.path().join("cat.png"));
    assert_eq!(
        image::image_dimensions(&named).expect("a picture"),
        (2048, 2048)
    );
    let pointed = grid.save(folder.path().join("pointed.")).await?;
    assert_eq!(pointed, folder.path().join("pointed.png"));
    std::fs::remove_file(pointed).expect("it is there");
    let into_folder = grid.save(folder.path()).await?;
    assert_eq!(
        into_folder,
        folder.path().join(format!("{}.png", grid.image_id))
    );
    let completed = grid
        .save(folder.path().join("deeper").join("small"))
        .preview()
        .await?;
    assert_eq!(completed, folder.path().join("deeper").join("small.png"));
    assert_eq!(
        image::image_dimensions(&completed).expect("a picture"),
        (1024, 1024)
    );
    let beside = grid.save(folder.path()).preview().await?;
    assert_eq!(
        beside,
        folder.path().join(format!("{}-preview.png", grid.image_id))
    );
    let dotted = grid.save(folder.path().join("cat v1.5")).await?;
    assert_eq!(dotted, folder.path().join("cat v1.5.png"));
    let quadrant = grid.save(folder.path()).sub_image(3).await?;
    assert_eq!(
        quadrant,
        folder.path().join(format!("{}-3.png", grid.image_id))
    );
    let upscaled = grid.upscale(3).await?.bytes().await?;
    let pixels = |bytes: &[u8]| image::load_from_memory(bytes).expect("a picture").to_rgb8();
    assert_eq!(
        pixels(&std::fs::read(quadrant).expect("the file")),
        pixels(&upscaled),
        "an upscale is its quadrant"
    );
    Ok(())
}

#[tokio::test]
async fn an_unfinished_preview_gets_the_extension_of_its_content() -> Result<()> {
    let emulator = Emulator::builder()
        .speed(Speed::Virtual)
        .start()
        .await
        .expect("the emulator starts");
    let client = client(&emulator, 0);
    let folder = tempfile::tempdir().expect("a folder");
    let mut updates = client.imagine("A cat").stream();
    tokio::select! {
        update = updates.next() => panic!("nothing is drawn before time passes: {update:?}"),
        _ = emulator.ledger_until(|ledger| ledger.started == 1) => {}
    }
    assert!(
        emulator.clock_advance(Duration::from_secs(10)),
        "a third of the way"
    );
    let preview = updates
        .next()
        .await
        .expect("a frame")?
        .image
        .expect("a preview");
    let path = preview
        .save(folder.path().join("preview"))
        .preview()
        .await?;
    assert_eq!(path, folder.path().join("preview.webp"));
    assert_eq!(
        image::image_dimensions(&path).expect("a picture"),
        (256, 256)
    );
    Ok(())
}

#[tokio::test]
async fn the_token_never_reaches_a_pictures_host() -> Result<()> {
    let (emulator, client) = start().await;
    client.imagine("A cat").await?.bytes().await?;
    let journal = emulator.journal();
    let fetched: Vec<_> = journal
        .iter()
        .filter(|entry| entry.method == "GET")
        .collect();
    assert!(
        !fetched.is_empty(),
        "the picture was fetched from the emulator"
    );
    assert!(
        fetched
            .iter()
            .all(|entry| !entry.headers.contains_key("authorization")),
        "{fetched:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_broken_transfer_is_tried_again_and_leaves_nothing_half_written() -> Result<()> {
    let (emulator, client) = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let whole = json!({"body_base64": PNG});
    let image = scripted(
        &emulator,
        &client,
        vec![
            json!({"body_base64": PNG, "cut_body_after_bytes": 20}),
            whole,
        ],
    );
    let path = image.save(folder.path()).await?;
    assert_eq!(
        std::fs::read(&path).expect("the file"),
        BASE64_STANDARD.decode(PNG).expect("base64")
    );

    let cut = || json!({"body_base64": PNG, "cut_body_after_bytes": 20});
    let image = scripted(&emulator, &client, vec![cut(), cut()]);
    let error = image
        .save(folder.path().join("broken.png"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Picture);
    assert_eq!(
        error.task_id(),
        Some("t-1"),
        "the error says how to come back to the picture"
    );
    assert_eq!(names(folder.path()), ["1200000000000000001.png"]);
    Ok(())
}

#[tokio::test]
async fn a_transfer_without_a_length_that_breaks_off_is_noticed() -> Result<()> {
    // A server that ends its answer by closing the connection, as old ones do.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!(
        "http://{}/a.png",
        listener.local_addr().expect("its address")
    );
    let picture = BASE64_STANDARD.decode(PNG).expect("base64");
    let after_its_end = [picture.as_slice(), b"\n"].concat();
    let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F'];
    let answers = [picture[..40].to_vec(), jpeg.to_vec(), after_its_end];
    tokio::spawn(async move {
        for answer in answers {
            let (mut connection, _) = listener.accept().await.expect("a connection");
            let mut request = [0; 2048];
            assert!(connection.read(&mut request).await.expect("a request") > 0);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\nconnection: close\r\n\r\n";
            connection
                .write_all(&[head.as_bytes(), &answer].concat())
                .await
                .expect("written");
        }
    });
    let client = Client::builder()
        .base_url("http://127.0.0.1:9")
        .token("t")
        .max_retries(0)
        .build()?;
    let image = client.image(
        serde_json::from_value::<ImageData>(json!({"image_id": "1", "raw_image_url": url}))
            .expect("an image"),
    );
    for _ in 0..2 {
        let error = image.bytes().await.unwrap_err();
        assert!(error.message().contains("breaks off"), "{error}");
    }
    assert!(
        image.bytes().await.is_ok(),
        "what stands after the end is no harm"
    );
    Ok(())
}

#[tokio::test]
async fn what_is_no_picture_is_not_saved_as_one() {
    let (emulator, client) = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let image = scripted(
        &emulator,
        &client,
        vec![json!({"body": "<html>log in</html>", "headers": {"content-type": "image/png"}})],
    );
    let error = image.save(folder.path()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Picture);
    assert!(names(folder.path()).is_empty());
}

#[tokio::test]
async fn a_host_that_refuses_is_not_asked_again_and_one_that_fails_is() {
    let (emulator, client) = start().await;
    let refused = scripted(
        &emulator,
        &client,
        vec![json!({"status": 403, "body": "no"})],
    );
    let error = refused.bytes().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Picture, Some(403))
    );
    let recovered = scripted(
        &emulator,
        &client,
        vec![
            json!({"status": 503, "body": "wait"}),
            json!({"body_base64": PNG}),
        ],
    );
    assert!(recovered.bytes().await.is_ok());
    assert_eq!(emulator.journal().len(), 3);
}

#[tokio::test]
async fn a_url_that_has_ended_is_tried_all_the_same_and_named_when_it_fails() {
    let (emulator, client) = start().await;
    emulator
        .script(vec![
            serde_json::from_value(json!({"path": "/old.png", "status": 403, "body": "expired"}))
                .expect("a reply"),
            serde_json::from_value(json!({"path": "/old.png", "body_base64": PNG}))
                .expect("a reply"),
        ])
        .expect("replies that can be given");
    let data = json!({"image_id": "1", "raw_image_url": format!("{}/old.png?ex=65eda8ef&", emulator.url())});
    let image = client.image(serde_json::from_value::<ImageData>(data).expect("an image"));
    let error = image.bytes().await.unwrap_err();
    assert!(error.message().contains("2024-03-10T12:34:55Z"), "{error}");
    assert!(
        !error.to_string().contains("65eda8ef"),
        "a signed URL is no part of an error"
    );
    assert!(image.bytes().await.is_ok(), "`expires_at` is a hint");
}

#[tokio::test]
async fn only_http_urls_are_fetched_and_a_missing_one_is_explained() {
    let (emulator, client) = start().await;
    let file = json!({"image_id": "1", "raw_image_url": "file:///etc/hostname"});
    let error = client
        .image(serde_json::from_value::<ImageData>(file).expect("an image"))
        .bytes()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Picture);
    let error = client
        .image("1211290228438868029")
        .bytes()
        .await
        .unwrap_err();
    assert!(
        error.message().contains("only the image's id is known"),
        "{error}"
    );
    let error = client
        .image("1211290228438868029")
        .bytes()
        .sub_image(1)
        .await
        .unwrap_err();
    assert!(error.message().contains("split_images"), "{error}");
    assert!(emulator.journal().is_empty());
}

#[tokio::test]
async fn a_file_is_replaced_unless_it_shall_be_kept() -> Result<()> {
    let (emulator, client) = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("cat.png");
    std::fs::write(&target, "mine").expect("a file");
    let image = scripted(
        &emulator,
        &client,
        vec![json!({"body_base64": PNG}), json!({"body_base64": PNG})],
    );
    let error = image.save(&target).keep_existing().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Picture);
    assert_eq!(std::fs::read(&target).expect("the file"), b"mine");
    image.save(&target).await?;
    assert_eq!(
        std::fs::read(&target).expect("the file").len(),
        BASE64_STANDARD.decode(PNG).expect("base64").len()
    );
    assert_eq!(
        names(folder.path()),
        ["cat.png"],
        "nothing is left beside it"
    );
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn a_saved_picture_is_readable_like_any_other_file() -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let (emulator, client) = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let ordinary = folder.path().join("ordinary");
    std::fs::write(&ordinary, "").expect("a file");
    let saved = scripted(&emulator, &client, vec![json!({"body_base64": PNG})])
        .save(folder.path())
        .await?;
    let mode = |path: &Path| {
        std::fs::metadata(path)
            .expect("a file")
            .permissions()
            .mode()
    };
    assert_eq!(mode(&saved), mode(&ordinary));
    Ok(())
}

#[tokio::test]
async fn a_silent_host_ends_with_the_callers_deadline() {
    let (emulator, client) = start().await;
    let image = scripted(
        &emulator,
        &client,
        vec![json!({"body": "", "then": "hold", "cut_after_bytes": 0})],
    );
    let error = image
        .bytes()
        .deadline(Duration::from_millis(200))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Picture);
    assert!(error.message().contains("0.2 s"), "{error}");
}

#[tokio::test]
async fn an_avif_picture_is_taken_and_saved_as_one() -> Result<()> {
    let (emulator, client) = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let avif = b"\0\0\0\x10ftypavif\0\0\0\0\0\0\0\x0cmdat....";
    let reply = json!({"body_base64": BASE64_STANDARD.encode(avif)});
    let image = scripted(
        &emulator,
        &client,
        vec![reply.clone(), reply.clone(), reply],
    );
    assert_eq!(image.bytes().await?, avif.as_slice());
    let named = image.save(folder.path().join("cat")).await?;
    assert_eq!(named, folder.path().join("cat.avif"));
    let into_folder = image.save(folder.path()).await?;
    assert!(into_folder.extension().is_some_and(|own| own == "avif"));
    Ok(())
}

#[tokio::test]
async fn a_picture_in_its_url_or_at_a_relative_one_is_taken() -> Result<()> {
    let (emulator, client) = start().await;
    let png = BASE64_STANDARD.decode(PNG).expect("base64");
    let image = |url: &str| {
        let data =
            json!({"image_id": "1", "task_id": "t-1", "trace_id": "r-1", "raw_image_url": url});
        client.image(serde_json::from_value::<ImageData>(data).expect("an image"))
    };
    assert_eq!(
        image(&format!("data:image/png;base64,{PNG}"))
            .bytes()
            .await?,
        png
    );
    for relative in ["/p.png", "p.png", &emulator.url()["http:".len()..]] {
        let path = if relative.starts_with("//") {
            "/"
        } else {
            "/p.png"
        };
        let reply = json!({"path": path, "body_base64": PNG});
        emulator
            .script(vec![serde_json::from_value(reply).expect("a reply")])
            .expect("a reply that can be given");
        assert_eq!(image(relative).bytes().await?, png, "{relative}");
    }
    for wrong in [
        "data:image/png;base64,!",
        "data:image/png,%89PNG",
        "data:text/html;base64,PGh0bWw+",
        "ftp://h.example/p.png",
        "file:///etc/passwd",
        "https://",
    ] {
        let error = image(wrong).bytes().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Picture, "{wrong}: {error}");
        assert_eq!(
            (error.task_id(), error.trace_id()),
            (Some("t-1"), Some("r-1")),
            "{wrong}: what the image knows is on its error"
        );
    }
    Ok(())
}
