//! Where pictures go: decided and tried before anything is submitted, so that what is paid for reaches the disk.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::args::OutputArgs;
use crate::exit::{Failure, Result, quote};
use crate::naming::{Subject, stem};

/// Where a picture goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Nowhere: its JSON is all that was asked for.
    Nowhere,
    Stdout,
    File(PathBuf),
    /// Into this folder, named after the prompt or the action, and the id.
    Folder(PathBuf),
}

/// Endings that say that a file is another kind of picture. The service's finished pictures are PNG.
const OTHER_FORMATS: &[&str] = &[
    "jpg", "jpeg", "jpe", "webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "jxl", "svg", "pdf",
    "ico",
];

impl Target {
    /// What the options ask for, checked: nothing is in the way, and the folder takes files.
    ///
    /// `parts` are the pictures beside the grid that `--split-images` brings.
    pub(crate) fn checked(output: &OutputArgs, parts: bool) -> Result<Self> {
        let target = Self::asked_for(output);
        match &target {
            Self::Nowhere => {}
            Self::Stdout => check_stdout(output, parts)?,
            Self::File(path) => {
                check_format(path)?;
                let mut wanted = vec![with_extension(path, "png")];
                if parts {
                    wanted.extend((1..=4).map(|part| with_extension(&numbered(path, part), "png")));
                }
                wanted.iter().try_for_each(|path| check_name(path))?;
                if path.extension().is_none() {
                    wanted.push(path.clone());
                }
                if !output.force
                    && let Some(existing) =
                        wanted.iter().find(|path| path.symlink_metadata().is_ok())
                {
                    return Err(Failure::usage(format!("{} exists", existing.display()))
                        .hint("choose another name, or replace it with --force"));
                }
                check_writable(folder_of(path))?;
            }
            Self::Folder(folder) => {
                // The longest name that a picture is given there by itself.
                check_name(&folder.join("x".repeat(LONGEST_OWN_NAME)))?;
                check_writable(folder)?;
            }
        }
        Ok(target)
    }

    fn asked_for(output: &OutputArgs) -> Self {
        match &output.output {
            None if output.json || output.jsonl => Self::Nowhere,
            None => Self::Folder(PathBuf::new()),
            Some(path) if path.as_os_str() == "-" => Self::Stdout,
            Some(path) if path.is_dir() || ends_as_folder(path) => Self::Folder(path.clone()),
            Some(path) => Self::File(path.clone()),
        }
    }

    /// The file of the picture with this id; nothing where there is none.
    pub(crate) fn path(&self, subject: &Subject, image_id: &str) -> Option<PathBuf> {
        match self {
            Self::Nowhere | Self::Stdout => None,
            Self::File(path) => Some(path.clone()),
            Self::Folder(folder) => Some(folder.join(stem(subject, image_id))),
        }
    }

    /// The option that says the same to a later command.
    pub(crate) fn as_option(&self) -> String {
        match self {
            Self::Nowhere => " -o .".to_owned(),
            Self::Stdout => " -o -".to_owned(),
            Self::Folder(path) if path.as_os_str().is_empty() => " -o .".to_owned(),
            Self::File(path) | Self::Folder(path) => {
                format!(" -o {}", quote(&path.to_string_lossy()))
            }
        }
    }
}

/// `cat-1.png` for part 1 of `cat.png`.
pub(crate) fn numbered(path: &Path, part: u8) -> PathBuf {
    let mut name = path.file_stem().map(OsString::from).unwrap_or_default();
    name.push(format!("-{part}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// `cat.png` for `cat` and for `cat.`.
fn with_extension(path: &Path, extension: &str) -> PathBuf {
    if path.extension().is_some_and(|own| !own.is_empty()) {
        path.to_owned()
    } else {
        path.with_extension(extension)
    }
}

/// In bytes: forty characters of a prompt, an id, a number and an extension.
const LONGEST_OWN_NAME: usize = 200;

/// Asks the file system whether this name, and that of each folder on the way that is still to be made, can exist.
fn check_name(path: &Path) -> Result<()> {
    let mut there = PathBuf::new();
    for part in path.components() {
        let next = there.join(part);
        match next.symlink_metadata() {
            Ok(_) => there = next,
            // The other parts are asked for beside this one, since what is below it cannot be asked for yet.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            // What stands in the way is found out by those who try to write.
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return Ok(()),
            Err(error) => {
                let name = part.as_os_str().to_string_lossy();
                return Err(Failure::usage(format!(
                    "no file can be called {}: {}",
                    quote(&name),
                    plain(&error)
                ))
                .hint(
                    "choose a shorter name, of at most 250 bytes, with -o; nothing was submitted",
                ));
            }
        }
    }
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::InvalidFilename => Err(Failure::usage(
            format!("the path of the picture is too long: {}", plain(&error)),
        )
        .hint("choose a shorter one with -o; nothing was submitted")),
        _ => Ok(()),
    }
}

/// The operating system's words, without the number that Rust adds.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or(&text)
        .to_lowercase()
}

fn ends_as_folder(path: &Path) -> bool {
    path.as_os_str()
        .to_string_lossy()
        .ends_with(std::path::is_separator)
}

fn check_stdout(output: &OutputArgs, parts: bool) -> Result<()> {
    if output.json || output.jsonl {
        Err(Failure::usage(
            "stdout cannot take both the picture and JSON",
        ))
    } else if parts {
        Err(Failure::usage(
            "stdout takes one picture, and --split-images brings five",
        ))
    } else if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        Err(Failure::usage("a picture's bytes are not for a terminal")
            .hint("send them on: `… -o - | program`"))
    } else {
        Ok(())
    }
}

fn check_format(path: &Path) -> Result<()> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension {
        Some(other) if OTHER_FORMATS.contains(&other.to_ascii_lowercase().as_str()) => {
            let png = path.with_extension("png");
            Err(Failure::usage(format!(
                "{} is no name for a PNG file, and the service's pictures are PNG",
                path.display()
            ))
            .hint(format!(
                "use `-o {}`, and convert it afterwards",
                quote(&png.to_string_lossy())
            )))
        }
        _ => Ok(()),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Makes a file in the folder and removes it again: permissions, read-only disks and full ones all show. A folder that
/// is not there yet is made when the picture is saved, so the nearest one that is there is tried.
fn check_writable(folder: &Path) -> Result<()> {
    // Without the slash at its end, behind which a file would look like nothing at all.
    let folder: PathBuf = folder.components().collect();
    let there = folder
        .ancestors()
        .map(|folder| {
            if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            }
        })
        .find(|folder| folder.symlink_metadata().is_ok())
        .unwrap_or(Path::new("."));
    let refused = |reason: &dyn std::fmt::Display| {
        Failure::usage(format!(
            "no picture can be saved in {}: {reason}",
            there.display()
        ))
        .hint("name another place with -o; nothing was submitted")
    };
    if !there.is_dir() {
        return Err(refused(&"it is no folder"));
    }
    // Up from a folder that is not there leads nowhere until it has been made.
    let missing = folder.strip_prefix(there).unwrap_or(&folder);
    if missing
        .components()
        .any(|part| part == std::path::Component::ParentDir)
    {
        return Err(refused(&format_args!("{} is not there", missing.display())));
    }
    tempfile::Builder::new()
        .prefix(".mj-")
        .suffix(".part")
        .tempfile_in(there)
        .and_then(tempfile::NamedTempFile::close)
        // The operating system's words alone: tempfile adds the path of a file that nobody asked for.
        .map_err(
            |error| match error.raw_os_error().or_else(|| os_error_of(&error)) {
                Some(code) => refused(&std::io::Error::from_raw_os_error(code)),
                None => refused(&error.kind()),
            },
        )
}

fn os_error_of(error: &std::io::Error) -> Option<i32> {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return io.raw_os_error();
        }
        cause = inner.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::PreviewChoice;

    fn output(path: impl Into<PathBuf>) -> OutputArgs {
        OutputArgs {
            output: Some(path.into()),
            force: false,
            json: false,
            jsonl: false,
            preview: PreviewChoice::None,
            no_preview: false,
        }
    }

    fn refusal(output: &OutputArgs, parts: bool) -> String {
        let failure = Target::checked(output, parts).expect_err("it is refused");
        assert_eq!(failure.exit(), 2);
        failure.message().to_owned()
    }

    #[test]
    fn a_name_that_cannot_exist_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let long = "猫".repeat(84);
        for name in [
            format!("{long}.png"),
            format!("{long}x"),
            format!("{long}{long}/cat.png"),
            format!("new/{long}{long}/cat.png"),
            format!("new/{long}.png"),
            "a\0b.png".to_owned(),
        ] {
            let refusal = refusal(&output(folder.path().join(&name)), false);
            assert!(
                refusal.starts_with("no file can be called"),
                "{name}: {refusal}"
            );
        }
        // The numbers of the parts make it too long.
        let nearly = format!("{}.png", "x".repeat(250));
        assert!(Target::checked(&output(folder.path().join(&nearly)), false).is_ok());
        assert!(refusal(&output(folder.path().join(&nearly)), true).contains("no file can"));
        let deep = folder.path().join("new/".repeat(1100));
        assert!(refusal(&output(deep.join("cat.png")), false).contains("too long"));
    }

    #[test]
    fn what_exists_is_not_replaced_unless_forced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cat.png");
        std::fs::write(&path, "mine").expect("a file");
        assert!(refusal(&output(&path), false).ends_with("cat.png exists"));
        // The name that the picture's content would complete.
        assert!(refusal(&output(folder.path().join("cat")), false).ends_with("cat.png exists"));
        let forced = OutputArgs {
            force: true,
            ..output(&path)
        };
        assert_eq!(
            Target::checked(&forced, false).expect("forced"),
            Target::File(path)
        );
    }

    #[test]
    fn the_parts_of_a_grid_are_looked_for_too() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("cat-3.png"), "mine").expect("a file");
        let wanted = output(folder.path().join("cat.png"));
        assert!(refusal(&wanted, true).ends_with("cat-3.png exists"));
        assert!(Target::checked(&wanted, false).is_ok());
    }

    #[test]
    fn a_folder_that_is_missing_is_made_later_where_it_can_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("new/er/cat.png");
        assert!(Target::checked(&output(&file), false).is_ok());
        assert!(
            !folder.path().join("new").exists(),
            "nothing is made before it is needed"
        );
        std::fs::write(folder.path().join("plain"), "").expect("a file");
        assert!(
            refusal(&output(folder.path().join("plain/cat.png")), false)
                .ends_with("it is no folder")
        );
        assert_eq!(
            std::fs::read_dir(folder.path())
                .expect("the folder")
                .count(),
            1,
            "the trial left nothing"
        );
    }

    #[test]
    fn the_way_back_from_a_missing_folder_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(
            refusal(&output(folder.path().join("no/../cat.png")), false)
                .ends_with("no/.. is not there")
        );
        std::fs::create_dir(folder.path().join("no")).expect("a folder");
        assert!(Target::checked(&output(folder.path().join("no/../cat.png")), false).is_ok());
        assert!(Target::checked(&output("../no-such-cat.png"), false).is_ok());
    }

    #[test]
    fn a_name_of_another_format_is_refused() {
        assert!(refusal(&output("cat.JPG"), false).contains("pictures are PNG"));
        assert!(Target::checked(&output("no-such-cat.v2"), false).is_ok());
    }

    #[test]
    fn a_slash_at_the_end_means_a_folder() {
        assert_eq!(
            Target::asked_for(&output("new/")),
            Target::Folder("new/".into())
        );
        assert_eq!(Target::asked_for(&output(".")), Target::Folder(".".into()));
        assert_eq!(
            Target::asked_for(&output("new")),
            Target::File("new".into())
        );
    }

    #[test]
    fn parts_are_numbered_before_the_extension() {
        assert_eq!(
            numbered(Path::new("a/cat.png"), 2),
            Path::new("a/cat-2.png")
        );
        assert_eq!(numbered(Path::new("a/cat"), 2), Path::new("a/cat-2"));
    }
}
