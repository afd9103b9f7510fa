//! From an image's URL to bytes and files. The token never comes near a picture's host.

use std::future::{Future, IntoFuture};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::{Backoff, reason};
use crate::model::ImageData;
use crate::request::check_web_address;

/// How long fetching one picture may take, all tries together.
const DEADLINE: Duration = Duration::from_secs(300);

/// Silence that ends one try.
const IDLE: Duration = Duration::from_secs(30);

/// The largest picture that is taken, in bytes: a grid in full size is under 20 MB.
const SIZE_LIMIT: usize = 128 * 1024 * 1024;

/// A picture file's format, told by its first bytes: the extension of a URL is no promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Png,
    Jpeg,
    Webp,
    Gif,
}

impl Format {
    /// The format that these bytes begin as; the first twelve are enough.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::Webp),
            [b'G', b'I', b'F', b'8', ..] => Some(Self::Gif),
            _ => None,
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Gif => "gif",
        }
    }

    /// Whether the file's end is there. Asked only where no length was announced: a transfer that breaks off then looks like
    /// one that ended. What stands after the end is no harm.
    fn is_complete(self, bytes: &[u8]) -> bool {
        let tail = &bytes[bytes.len().saturating_sub(64 * 1024)..];
        let ends_with = |mark: &[u8]| tail.windows(mark.len()).any(|window| window == mark);
        match self {
            Self::Png => ends_with(b"IEND\xaeB\x60\x82"),
            Self::Jpeg => ends_with(b"\xff\xd9"),
            Self::Gif => ends_with(b"\x3b"),
            Self::Webp => {
                let size = bytes
                    .get(4..8)
                    .and_then(|size| size.try_into().ok())
                    .map(u32::from_le_bytes);
                size.and_then(|size| usize::try_from(size).ok())
                    .is_some_and(|size| bytes.len() >= size.saturating_add(8))
            }
        }
    }
}

/// Which of an image's files is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Raw,
    Preview,
    SubImage(u8),
}

/// A picture about to be fetched. `.await` it for its bytes.
///
/// Errors: `picture` when the image has no such URL, when its host refuses (signed URLs end) or stays silent, and when what
/// came is no picture, too large or broken off; a broken transfer is tried again first.
#[derive(Debug)]
#[must_use = "nothing is fetched until it is awaited"]
pub struct Download {
    client: Client,
    image: ImageData,
    which: Which,
    deadline: Duration,
}

impl Download {
    pub(crate) fn new(client: Client, image: ImageData) -> Self {
        Self {
            client,
            image,
            which: Which::Raw,
            deadline: DEADLINE,
        }
    }

    /// The preview, half as wide and half as high, instead of the full picture.
    pub fn preview(mut self) -> Self {
        self.which = Which::Preview;
        self
    }

    /// One quadrant (1 to 4) of a grid that was made with `split_images`, instead of the whole.
    pub fn sub_image(mut self, index: u8) -> Self {
        self.which = Which::SubImage(index);
        self
    }

    /// How long all tries together may take. Default: 300 s.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    fn url(&self) -> Result<&str> {
        let image = &self.image;
        let url = match self.which {
            // A picture with one URL only has one size only.
            Which::Raw => image
                .raw_image_url
                .as_deref()
                .or(image.image_url.as_deref()),
            Which::Preview => image
                .image_url
                .as_deref()
                .or(image.raw_image_url.as_deref()),
            Which::SubImage(index) => {
                let urls = image.sub_image_urls.as_deref().unwrap_or_default();
                usize::from(index)
                    .checked_sub(1)
                    .and_then(|index| urls.get(index))
                    .map(String::as_str)
            }
        };
        url.ok_or_else(|| {
            picture_error(match self.which {
                Which::SubImage(_) => {
                    "the image has no such sub-image: generate with `split_images`, and count from 1"
                }
                _ if image.image_url.is_none() && image.task_id.is_none() => {
                    "only the image's id is known, not its URL; look its task up, or keep the image's JSON"
                }
                _ => "the image has no URL",
            })
        })
    }

    async fn fetch(self) -> Result<(Bytes, Format)> {
        let url = check_web_address("image_url", self.url()?)
            .map_err(|error| picture_error(error.message()))?;
        let pictures = self
            .client
            .exchange()
            .pictures(self.client.settings(), &url)?;
        let deadline = Instant::now() + self.deadline.min(crate::client::FOR_EVER);
        let mut backoff = Backoff::default();
        loop {
            let failure = match timeout_at(deadline, fetch_once(pictures, url.clone())).await {
                Ok(Ok(picture)) => return Ok(picture),
                Ok(Err(failure)) => failure,
                Err(_) => Failure::Final(picture_error(format!(
                    "the picture was not there within {} s; it is still at the service",
                    self.deadline.as_secs_f64()
                ))),
            };
            let error = match failure {
                Failure::Final(error) => return Err(self.explain(error)),
                Failure::Passing(error) => error,
            };
            let wait = backoff.next(None);
            if backoff.failures() > self.client.settings().max_retries
                || wait >= deadline.saturating_duration_since(Instant::now())
            {
                return Err(self.explain(error));
            }
            tracing::debug!(
                wait_seconds = wait.as_secs_f64(),
                "fetching the picture again"
            );
            sleep(wait).await;
        }
    }

    /// Adds what the image itself says of its failure: its task, and that its URL has ended.
    fn explain(&self, error: Error) -> Error {
        let ended = self
            .image
            .expires_at()
            .filter(|at| *at < jiff::Timestamp::now());
        let error = match ended {
            Some(at) if error.status().is_some() => {
                let status = error.status().unwrap_or_default();
                picture_error(format!("{}; its URL ended at {at}", error.message()))
                    .with_status(status)
            }
            _ => error,
        };
        error
            .with_task(self.image.task_id.clone())
            .with_trace(self.image.trace_id.clone())
    }
}

impl IntoFuture for Download {
    type Output = Result<Bytes>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Bytes>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { Ok(self.fetch().await?.0) })
    }
}

enum Failure {
    /// Another try may do better.
    Passing(Error),
    Final(Error),
}

async fn fetch_once(pictures: &reqwest::Client, url: url::Url) -> Result<(Bytes, Format), Failure> {
    let broken = |why: &str| {
        Failure::Passing(picture_error(format!(
            "the picture did not arrive whole: {why}"
        )))
    };
    let silent = || broken("its host went silent");
    let too_large = || {
        Failure::Final(picture_error(format!(
            "the picture is larger than {SIZE_LIMIT} bytes"
        )))
    };
    let mut response = timeout(IDLE, pictures.get(url).send())
        .await
        .map_err(|_| silent())?
        .map_err(|error| broken(&reason(&error)))?;
    let status = response.status();
    if !status.is_success() {
        let error = picture_error(match status.as_u16() {
            403 | 404 | 410 => "the picture's host does not give it out (any more)",
            _ => "the picture's host failed",
        })
        .with_status(status.as_u16());
        let passing = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
        return Err(if passing {
            Failure::Passing(error)
        } else {
            Failure::Final(error)
        });
    }
    let announced = response.content_length();
    if announced.is_some_and(|length| length > SIZE_LIMIT as u64) {
        return Err(too_large());
    }
    let mut bytes = BytesMut::new();
    loop {
        match timeout(IDLE, response.chunk()).await {
            Ok(Ok(Some(chunk))) if bytes.len() + chunk.len() > SIZE_LIMIT => {
                return Err(too_large());
            }
            Ok(Ok(Some(chunk))) => bytes.extend_from_slice(&chunk),
            Ok(Ok(None)) => break,
            Ok(Err(error)) => return Err(broken(&reason(&error))),
            Err(_) => return Err(silent()),
        }
    }
    match Format::of(&bytes) {
        Some(format) if announced.is_some() || format.is_complete(&bytes) => {
            Ok((bytes.freeze(), format))
        }
        Some(_) => Err(broken("the file breaks off")),
        None if bytes.is_empty() => Err(broken("it is empty")),
        None => Err(Failure::Final(picture_error(
            "what the picture's host gave is no PNG, JPEG, WebP or GIF file",
        ))),
    }
}

/// A picture about to be saved. `.await` it for the path that was written.
///
/// Errors: `picture`, as [`Download`], and when the file cannot be written.
#[derive(Debug)]
#[must_use = "nothing is saved until it is awaited"]
pub struct Save {
    download: Download,
    path: PathBuf,
    keep_existing: bool,
}

impl Save {
    pub(crate) fn new(download: Download, path: PathBuf) -> Self {
        Self {
            download,
            path,
            keep_existing: false,
        }
    }

    /// The preview instead of the full picture.
    pub fn preview(mut self) -> Self {
        self.download = self.download.preview();
        self
    }

    /// One quadrant (1 to 4) of a grid that was made with `split_images`, instead of the whole.
    pub fn sub_image(mut self, index: u8) -> Self {
        self.download = self.download.sub_image(index);
        self
    }

    /// How long fetching may take. Default: 300 s.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.download = self.download.deadline(deadline);
        self
    }

    /// Refuse to replace a file instead of replacing it.
    pub fn keep_existing(mut self) -> Self {
        self.keep_existing = true;
        self
    }

    async fn write(self) -> Result<PathBuf> {
        let Self {
            download,
            path,
            keep_existing,
        } = self;
        let suffix = match download.which {
            Which::SubImage(index) => format!("-{index}"),
            Which::Preview => "-preview".to_owned(),
            Which::Raw => String::new(),
        };
        let image = download.image.clone();
        let (bytes, format) = download.fetch().await?;
        let explain = |error: Error| {
            error
                .with_task(image.task_id.clone())
                .with_trace(image.trace_id.clone())
        };
        let target = target(path, &format!("{}{suffix}", image.image_id), format);
        tokio::task::spawn_blocking(move || write_file(&target, &bytes, keep_existing))
            .await
            .unwrap_or_else(|_| {
                Err(picture_error(
                    "the picture could not be written: the runtime is shutting down",
                ))
            })
            .map_err(explain)
    }
}

impl IntoFuture for Save {
    type Output = Result<PathBuf>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<PathBuf>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.write())
    }
}

/// A folder gets a file named after the image; a name without a picture's extension gets the content's.
fn target(path: PathBuf, image_id: &str, format: Format) -> PathBuf {
    let ends_as_folder = path
        .as_os_str()
        .to_string_lossy()
        .ends_with(std::path::is_separator);
    // An empty path is the working folder, as everywhere.
    if ends_as_folder || path.as_os_str().is_empty() || path.is_dir() {
        let name = if image_id.is_empty() {
            "image"
        } else {
            image_id
        };
        // Ids are digits; one that is something else must not lead out of the folder.
        let name: String = name
            .chars()
            .map(|char| {
                if char.is_alphanumeric() || char == '-' {
                    char
                } else {
                    '_'
                }
            })
            .collect();
        return path.join(format!("{name}.{}", format.extension()));
    }
    let known = ["png", "jpg", "jpeg", "webp", "gif"];
    let has_one = path
        .extension()
        .is_some_and(|own| known.iter().any(|known| own.eq_ignore_ascii_case(known)));
    if has_one {
        return path;
    }
    let mut completed = path.into_os_string();
    completed.push(".");
    completed.push(format.extension());
    completed.into()
}

fn write_file(target: &Path, bytes: &[u8], keep_existing: bool) -> Result<PathBuf> {
    let failed = |error: std::io::Error| {
        // The kind alone: the full text names the temporary file, which is none of the caller's.
        picture_error(format!(
            "the picture could not be written to {}: {}",
            target.display(),
            error.kind()
        ))
    };
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".mj-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // A picture is no secret: the user's own mask decides, as for any other file.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    std::io::Write::write_all(&mut file, bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    let renamed = if keep_existing {
        file.persist_noclobber(target)
    } else {
        file.persist(target)
    };
    renamed.map_err(|error| failed(error.error))?;
    Ok(target.to_owned())
}

fn picture_error(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Picture, message)
}
