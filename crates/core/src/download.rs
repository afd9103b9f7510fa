//! An image's bytes: which of its files is meant, and what its failure to come says of the image.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::model::format::Format;
use crate::model::image::ImageData;
use crate::service::Service;
use crate::service::fetch::fetch;

/// How long fetching one picture may take, all tries together.
const DEADLINE: Duration = Duration::from_secs(300);

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
    service: Service,
    image: ImageData,
    which: Which,
    deadline: Duration,
}

impl Download {
    pub(crate) fn new(service: Service, image: ImageData) -> Self {
        Self {
            service,
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

    pub(crate) async fn fetch(&self) -> Result<(Bytes, Format)> {
        let fetched = async {
            match address(self.url()?, &self.service.settings().address("/"))? {
                Address::Here(bytes) => opened(bytes),
                Address::At(url) => fetch(&self.service.http, &url, self.deadline).await,
            }
        };
        fetched.await.map_err(|error| self.explain(error))
    }

    /// What stands behind the image's id in the name of a file.
    pub(crate) fn suffix(&self) -> String {
        match self.which {
            Which::SubImage(index) => format!("-{index}"),
            Which::Preview => "-preview".to_owned(),
            Which::Raw => String::new(),
        }
    }

    pub(crate) fn image(&self) -> &ImageData {
        &self.image
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
        self.named(error)
    }

    /// Names the task that made the image.
    pub(crate) fn named(&self, error: Error) -> Error {
        error
            .with_task(self.image.task_id.clone())
            .with_trace(self.image.trace_id.clone())
    }
}

impl IntoFuture for Download {
    type Output = Result<Bytes>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Bytes>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.fetch().await?.0) })
    }
}

/// Where a picture is.
enum Address {
    At(Url),
    /// In the URL itself.
    Here(Bytes),
}

/// Reads a picture's URL: an absolute one, one that is relative to the API, or a `data:` URL.
fn address(text: &str, api: &Url) -> Result<Address> {
    if let Some(data) = text.strip_prefix("data:") {
        let content = data
            .split_once(";base64,")
            .and_then(|(_, content)| BASE64_STANDARD.decode(content.trim()).ok())
            .ok_or_else(|| picture_error("the picture's data: URL holds no base64"))?;
        return Ok(Address::Here(Bytes::from(content)));
    }
    match api.join(text.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
            Ok(Address::At(url))
        }
        _ => Err(picture_error(
            "the picture's URL is no http(s) URL; look its task up, which may know another",
        )),
    }
}

fn opened(bytes: Bytes) -> Result<(Bytes, Format)> {
    match Format::of(&bytes) {
        Some(format) => Ok((bytes, format)),
        None => Err(picture_error(
            "what the picture's data: URL holds is no PNG, JPEG, WebP, GIF or AVIF file",
        )),
    }
}

pub(crate) fn picture_error(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Picture, message)
}
