//! The commands that make pictures: imagine, and every action on a picture. They differ in what they ask for; how it is
//! followed and saved is the same.

use std::io::Read as _;

use midjourney_imagine::{Client, ImageData, Imagine, Mask};

use crate::args::{ActArgs, ClientArgs, Command, GenerationArgs, OutputArgs};
use crate::exit::{Explain, Failure, Result};
use crate::naming::Subject;
use crate::output::{Shape, print_json, print_line};
use crate::run::follow::{self, Known};
use crate::run::on_runtime;
use crate::run::save::{self, Place};
use crate::session::{Session, connection_options};
use crate::target::Target;
use crate::terminal::Screen;

/// A picture to be made, as the command line asks for it.
pub(super) struct Order {
    wish: Wish,
    generation: GenerationArgs,
    output: OutputArgs,
}

/// What is to be made.
enum Wish {
    Picture { prompt: String },
    Change { image: String, change: Change },
}

/// What is to be done with a picture.
enum Change {
    Upscale(u8),
    Variation(u8),
    Reroll,
    ZoomOut(f64),
    Pan(String),
    Act {
        action: String,
        mask: Option<String>,
        prompt: Option<String>,
    },
}

impl Order {
    /// The order of a command; nothing for the commands that make no picture.
    pub(super) fn of(command: Command) -> Result<Option<Self>> {
        let (image, change, generation, output) = match command {
            Command::Imagine(arguments) => {
                let prompt = match arguments.prompt.as_str() {
                    "-" => from_stdin("the prompt")?.trim().to_owned(),
                    prompt => prompt.to_owned(),
                };
                return Ok(Some(Self {
                    wish: Wish::Picture { prompt },
                    generation: arguments.generation,
                    output: arguments.output,
                }));
            }
            Command::Upscale(it) => (
                it.image,
                Change::Upscale(it.quadrant),
                it.generation,
                it.output,
            ),
            Command::Variation(it) => (
                it.image,
                Change::Variation(it.quadrant),
                it.generation,
                it.output,
            ),
            Command::Reroll(it) => (it.image, Change::Reroll, it.generation, it.output),
            Command::ZoomOut(it) => {
                let factor = if it.factor == "2" { 2.0 } else { 1.5 };
                (it.image, Change::ZoomOut(factor), it.generation, it.output)
            }
            Command::Pan(it) => (
                it.image,
                Change::Pan(it.direction),
                it.generation,
                it.output,
            ),
            Command::Act(it) => {
                let ActArgs {
                    image,
                    action,
                    mask,
                    prompt,
                    generation,
                    output,
                } = it;
                (
                    image,
                    Change::Act {
                        action,
                        mask,
                        prompt,
                    },
                    generation,
                    output,
                )
            }
            Command::Task(_) | Command::Emulator(_) | Command::Completions(_) => return Ok(None),
        };
        let image = image.image;
        Ok(Some(Self {
            wish: Wish::Change { image, change },
            generation,
            output,
        }))
    }
}

/// Makes the picture, and brings it where it is wanted.
pub(super) fn run(order: Order, options: &ClientArgs, screen: &Screen) -> Result<()> {
    let Order {
        wish,
        generation,
        output,
    } = order;
    let parts = generation.split_images;
    let target = if generation.submit {
        Target::Nowhere
    } else {
        Target::checked(&output, parts)?
    };
    let explain = Explain {
        connection: connection_options(options),
        target: target.as_option(),
    };
    if let Wish::Picture { prompt } = &wish {
        for warning in midjourney_imagine::prompt_warnings(prompt) {
            screen.warn(&warning);
        }
    }
    let session = Session::open(options, screen)?;
    let (imagine, subject) = begin(&session.client, wish)?;
    let imagine = with_options(imagine, &generation);
    let known = Known::new(options.emulator);
    let place = Place {
        target: &target,
        output: &output,
        subject: &subject,
        parts,
    };
    let work = async {
        if generation.submit {
            return submit(imagine, &output, &known, &explain, screen).await;
        }
        screen.begin();
        known.submitting();
        let updates = if generation.stream {
            follow::Source::Stream(imagine.stream())
        } else {
            follow::Source::awaited(imagine)
        };
        let update =
            follow::to_the_end(updates, Shape::of(&output), screen, &known, &explain).await?;
        save::finish(&update, &place, screen, &explain).await
    };
    on_runtime(async {
        let outcome = follow::unless_interrupted(&known, &explain, work).await;
        session.close().await;
        outcome
    })
}

/// Submits, tells the task's id, and leaves the rest to a later command.
async fn submit(
    imagine: Imagine,
    output: &OutputArgs,
    known: &Known,
    explain: &Explain,
    screen: &Screen,
) -> Result<()> {
    known.submitting();
    let task = imagine
        .submit()
        .await
        .map_err(|error| explain.error(error))?;
    known.name(Some(&task.task_id));
    if output.json {
        print_json(task.data())?;
    } else {
        print_line(&task.task_id)?;
    }
    screen.note(&format!(
        "the picture, once it is there: {}",
        explain.pick_up(&task.task_id)
    ));
    if known.is_ours() {
        // The service goes on by itself; this one ends with the process, and would leave nothing to pick up.
        task.wait().await.map_err(|error| explain.error(error))?;
    }
    Ok(())
}

fn begin(client: &Client, wish: Wish) -> Result<(Imagine, Subject)> {
    match wish {
        Wish::Picture { prompt } => Ok((client.imagine(prompt.clone()), Subject::Prompt(prompt))),
        Wish::Change { image, change } => {
            let image = client.image(source(&image)?);
            let (imagine, action) = match change {
                Change::Upscale(index) => (image.upscale(index), format!("upscale{index}")),
                Change::Variation(index) => (image.variation(index), format!("variation{index}")),
                Change::Reroll => (image.reroll(), "reroll".to_owned()),
                Change::ZoomOut(factor) => (image.zoom_out(factor), format!("zoom_out_{factor}x")),
                Change::Pan(direction) => (image.pan(&direction), format!("pan_{direction}")),
                Change::Act {
                    action,
                    mask,
                    prompt,
                } => {
                    let mut imagine = image.act(&action);
                    if let Some(mask) = mask {
                        imagine = imagine.mask(read_mask(&mask)?);
                    }
                    if let Some(prompt) = prompt {
                        imagine = imagine.prompt(prompt);
                    }
                    (imagine, action)
                }
            };
            Ok((imagine, Subject::Action(action)))
        }
    }
}

fn with_options(mut imagine: Imagine, options: &GenerationArgs) -> Imagine {
    if let Some(mode) = &options.mode {
        imagine = imagine.mode(mode.as_str());
    }
    if let Some(version) = &options.model_version {
        imagine = imagine.version(version);
    }
    if let Some(quality) = &options.quality {
        imagine = imagine.quality(quality);
    }
    if let Some(timeout) = options.timeout {
        imagine = imagine.timeout(timeout);
    }
    if let Some(url) = &options.callback_url {
        imagine = imagine.callback_url(url);
    }
    // What is not asked for is not sent: the service's own default holds.
    if options.split_images {
        imagine = imagine.split_images(true);
    }
    if options.translation {
        imagine = imagine.translation(true);
    }
    if options.hd {
        imagine = imagine.hd(true);
    }
    if options.style_reference {
        imagine = imagine.style_reference(true);
    }
    if options.moodboard {
        imagine = imagine.moodboard(true);
    }
    for (name, value) in &options.extra {
        imagine = imagine.extra(name, value.clone());
    }
    imagine
}

/// The picture that an action is for: an id, or the JSON of a picture on stdin.
fn source(image: &str) -> Result<ImageData> {
    if image != "-" {
        return Ok(ImageData::from_id(image));
    }
    let text = from_stdin("a picture's JSON")?;
    // The last value counts: --jsonl prints the finished picture last.
    let last = serde_json::Deserializer::from_str(&text)
        .into_iter::<Box<serde_json::value::RawValue>>()
        .last()
        .ok_or_else(|| Failure::usage("stdin is empty, and a picture's JSON is wanted"))?
        .map_err(|error| Failure::usage(format!("what stdin holds is no JSON: {error}")))?;
    let image: ImageData = serde_json::from_str(last.get()).map_err(|error| {
        Failure::usage(format!("what stdin holds is no picture's JSON: {error}"))
    })?;
    if image.image_id.is_empty() {
        return Err(if image.extra.contains_key("error") {
            Failure::usage(
                "stdin holds an error in the place of a picture; the command before failed",
            )
        } else {
            Failure::usage("what stdin holds has no image_id")
        });
    }
    Ok(image)
}

fn from_stdin(what: &str) -> Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::usage(format!("{what} cannot be read from stdin: {error}")))?;
    Ok(text)
}

fn read_mask(mask: &str) -> Result<Mask> {
    if mask.contains("://") || mask.starts_with("data:") {
        Ok(Mask::url(mask))
    } else {
        // The library leaves the path out, since it cannot know whose it is; here it is the user's own argument.
        Mask::file(mask).map_err(|error| Failure::usage(format!("{mask}: {}", error.message())))
    }
}
