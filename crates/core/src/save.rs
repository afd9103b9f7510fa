//! Saving an image: the name of the file, and writing it so that it is whole or not there.

use std::future::{Future, IntoFuture};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use crate::download::{Download, picture_error};
use crate::error::Result;
use crate::model::format::Format;

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
        let (bytes, format) = download.fetch().await?;
        let name = format!("{}{}", download.image().image_id, download.suffix());
        let target = target(path, &name, format);
        tokio::task::spawn_blocking(move || write_file(&target, &bytes, keep_existing))
            .await
            .unwrap_or_else(|_| {
                Err(picture_error(
                    "the picture could not be written: the runtime is shutting down",
                ))
            })
            .map_err(|error| download.named(error))
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
    let known = ["png", "jpg", "jpeg", "webp", "gif", "avif"];
    let has_one = path
        .extension()
        .is_some_and(|own| known.iter().any(|known| own.eq_ignore_ascii_case(known)));
    if has_one {
        return path;
    }
    // `cat.` is `cat` with a point too many.
    let path = match path.file_name().and_then(|name| name.to_str()) {
        Some(name) if name.ends_with('.') => path.with_file_name(name.trim_end_matches('.')),
        _ => path,
    };
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
