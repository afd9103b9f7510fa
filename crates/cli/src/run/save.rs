//! From a finished picture to files: the picture, its parts, and what is told when a file could not be written.

use std::path::{Path, PathBuf};

use midjourney_imagine::{Image, ImageData, Update};

use crate::args::OutputArgs;
use crate::exit::{Explain, Failure, Result, quote};
use crate::naming::Subject;
use crate::output::{Finished, Outcome, Shape, UpdateLine, print_bytes, print_json, print_path};
use crate::run::follow;
use crate::target::{Target, numbered};
use crate::terminal::{Screen, Stage};

/// What a finished picture needs to find its place.
pub(super) struct Place<'a> {
    pub(super) target: &'a Target,
    pub(super) output: &'a OutputArgs,
    pub(super) subject: &'a Subject,
    /// Whether the four quadrants were asked for, too.
    pub(super) parts: bool,
}

/// Saves the picture of the last update, tells of it, and shows it.
pub(super) async fn finish(
    update: &Update,
    place: &Place<'_>,
    screen: &Screen,
    explain: &Explain,
) -> Result<()> {
    let Some(image) = &update.image else {
        return Err(Failure::machine("the last update has no picture"));
    };
    screen.stage(Stage::Saving);
    let (saved, problem) = save(image, place, screen, explain).await;
    follow::show(image, saved.first().map(PathBuf::as_path), screen).await;
    screen.end();
    let outcome = Outcome::new(&saved, problem.as_ref());
    match Shape::of(place.output) {
        Shape::Json => print_json(&Finished { image, outcome })?,
        Shape::Lines => print_json(&UpdateLine::new(update, Some(outcome)))?,
        Shape::Plain => {
            for path in &saved {
                print_path(path)?;
            }
        }
    }
    if let Some(problem) = problem {
        return Err(problem.told());
    }
    screen.note(&next_step(image, explain));
    Ok(())
}

/// What the picture is called, and one thing that can be done with it.
fn next_step(image: &ImageData, explain: &Explain) -> String {
    let id = quote(&image.image_id);
    let command = if image.actions.contains("upscale1") {
        format!("mj upscale {id} 1")
    } else if image.actions.contains("zoom_out_2x") {
        format!("mj zoom-out {id} 2")
    } else if let Some(action) = image.actions.first() {
        format!("mj act {id} {}", quote(action))
    } else {
        return format!("image {id}");
    };
    let size = image.size();
    let size = size
        .map(|(width, height)| format!(", {width}×{height}"))
        .unwrap_or_default();
    format!(
        "image {id}{size}; go on with `{command}{}`",
        explain.connection
    )
}

/// The files that were written, and why the picture itself was not.
async fn save(
    image: &Image,
    place: &Place<'_>,
    screen: &Screen,
    explain: &Explain,
) -> (Vec<PathBuf>, Option<Failure>) {
    let mut saved = Vec::new();
    if *place.target == Target::Stdout {
        let problem = match image.bytes().await {
            Ok(bytes) => print_bytes(&bytes).err(),
            Err(error) => Some(explain.error(error)),
        };
        return (saved, problem);
    }
    let Some(path) = place.target.path(place.subject, &image.image_id) else {
        return (saved, None);
    };
    match to_file(image, &path, None, place.output.force).await {
        Ok(path) => {
            warn_of_another_format(&path, screen);
            saved.push(path);
        }
        Err(error) => {
            return (saved, Some(explain.error(error)));
        }
    }
    if place.parts {
        let count = image
            .sub_image_urls
            .as_deref()
            .unwrap_or_default()
            .len()
            .min(4);
        if count == 0 {
            screen.warn("the service sent no sub-images; the grid is saved");
        }
        for part in (1..=4).take(count) {
            match to_file(
                image,
                &numbered(&path, part),
                Some(part),
                place.output.force,
            )
            .await
            {
                Ok(path) => saved.push(path),
                Err(error) => screen.warn(&format!(
                    "sub-image {part} is not saved: {}",
                    error.message()
                )),
            }
        }
    }
    (saved, None)
}

async fn to_file(
    image: &Image,
    path: &Path,
    part: Option<u8>,
    force: bool,
) -> midjourney_imagine::Result<PathBuf> {
    let mut save = image.save(path);
    if let Some(part) = part {
        save = save.sub_image(part);
    }
    if !force {
        save = save.keep_existing();
    }
    save.await
}

/// The service promises no format; a file that is named for another one opens badly.
fn warn_of_another_format(path: &Path, screen: &Screen) {
    let by_name = image::ImageFormat::from_path(path).ok();
    let by_content = image::ImageReader::open(path)
        .and_then(image::ImageReader::with_guessed_format)
        .ok()
        .and_then(|reader| reader.format());
    if let (Some(name), Some(content)) = (by_name, by_content)
        && name != content
    {
        screen.warn(&format!(
            "{} is a {} file, whatever its name says",
            path.display(),
            content
                .extensions_str()
                .first()
                .unwrap_or(&"different")
                .to_uppercase()
        ));
    }
}
