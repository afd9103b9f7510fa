//! `mj task`: what the service knows of a task, and, where that is asked for, its picture.

use midjourney_imagine::{Task, TaskData, TaskState};

use crate::args::{ClientArgs, TaskArgs};
use crate::exit::{Explain, Result};
use crate::naming::Subject;
use crate::output::{Shape, print_bytes, print_json};
use crate::run::follow::{self, Known};
use crate::run::on_runtime;
use crate::run::save::{self, Place};
use crate::session::{Session, connection_options};
use crate::target::Target;
use crate::terminal::{Screen, printable};

/// Shows a task, or brings its picture.
pub(super) fn run(arguments: &TaskArgs, options: &ClientArgs, screen: &Screen) -> Result<()> {
    let output = &arguments.output;
    let target = match &output.output {
        Some(_) => Target::checked(output, false)?,
        None => Target::Nowhere,
    };
    let explain = Explain {
        connection: connection_options(options),
        target: target.as_option(),
    };
    let session = Session::open(options, screen)?;
    let client = session.client.clone();
    let known = Known::new(options.emulator);
    let work = async {
        let found = match (&arguments.id, &arguments.trace) {
            (Some(id), _) => client.task(id).await,
            (None, trace) => {
                client
                    .task_by_trace(trace.as_deref().unwrap_or_default())
                    .await
            }
        };
        let task = found.map_err(|error| explain.error(error))?;
        known.name(Some(&task.task_id));
        if target == Target::Nowhere && !arguments.wait && !output.jsonl {
            return show(&task, output.json, &explain);
        }
        screen.begin();
        let update = follow::to_the_end(
            follow::Source::Stream(task.stream()),
            Shape::of(output),
            screen,
            &known,
            &explain,
        )
        .await?;
        if target == Target::Nowhere && Shape::of(output) == Shape::Plain {
            screen.end();
            let task = client
                .task(&task.task_id)
                .await
                .map_err(|error| explain.error(error))?;
            return show(&task, false, &explain);
        }
        let place = Place {
            target: &target,
            output,
            subject: &subject_of(&task),
            parts: false,
        };
        save::finish(&update, &place, screen, &explain).await
    };
    on_runtime(async {
        let outcome = follow::unless_interrupted(&known, &explain, work).await;
        session.close().await;
        outcome
    })
}

/// What the task's picture is named after: the request is in the record.
fn subject_of(task: &TaskData) -> Subject {
    let text = |name: &str| task.request.get(name).and_then(serde_json::Value::as_str);
    match text("action") {
        Some(action) if action != "generate" => Subject::Action(action.to_owned()),
        _ => Subject::Prompt(text("prompt").unwrap_or_default().to_owned()),
    }
}

fn show(task: &Task, json: bool, explain: &Explain) -> Result<()> {
    if json {
        return print_json(task.data());
    }
    print_bytes(describe(task, explain, now()).as_bytes())
}

fn now() -> f64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

/// A task for people: a line for each thing that is known of it.
fn describe(task: &TaskData, explain: &Explain, now: f64) -> String {
    let mut lines = Vec::new();
    let mut line =
        |name: &str, value: &str| lines.push(format!("{name:<9} {}\n", printable(value)));
    line("task", &task.task_id);
    let state = match task.state {
        TaskState::Pending => "waiting for its turn".to_owned(),
        TaskState::Running => format!("running, {} %", task.progress),
        TaskState::Succeeded => "done".to_owned(),
        TaskState::Failed => "failed".to_owned(),
    };
    line("state", &state);
    if let Some(error) = &task.error {
        let code = error
            .code()
            .map(|code| format!("{code}: "))
            .unwrap_or_default();
        line("reason", &format!("{code}{}", error.message()));
    }
    if let Some(created) = task.created_at {
        line(
            "created",
            &format!("{} ({})", moment(created), ago(now - created)),
        );
    }
    if let Some(elapsed) = task.elapsed {
        line("took", &format!("{elapsed:.1} s"));
    }
    for (name, field) in [("action", "action"), ("prompt", "prompt")] {
        if let Some(value) = task.request.get(field).and_then(serde_json::Value::as_str)
            && value != "generate"
        {
            line(name, value);
        }
    }
    if let (TaskState::Succeeded, Some(image)) = (task.state, &task.image) {
        let size = image
            .size()
            .map(|(width, height)| format!(", {width}×{height}"))
            .unwrap_or_default();
        line("image", &format!("{}{size}", image.image_id));
        if let Some(at) = image.expires_at() {
            line("until", &format!("{at}, when the picture's URL ends"));
        }
        if !image.actions.is_empty() {
            line("actions", &image.actions.join(" "));
        }
    }
    match task.state {
        TaskState::Failed => {}
        TaskState::Succeeded => line("save", &explain.pick_up(&task.task_id)),
        TaskState::Pending | TaskState::Running => line("wait", &explain.pick_up(&task.task_id)),
    }
    lines.concat()
}

/// A time of the service, to the second, in UTC.
fn moment(unix_seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the fraction is dropped on purpose; `as` saturates"
    )]
    let seconds = unix_seconds as i64;
    jiff::Timestamp::from_second(seconds).map_or_else(|_| "unknown".to_owned(), |at| at.to_string())
}

fn ago(seconds: f64) -> String {
    let (count, unit) = match seconds {
        seconds if seconds < 90.0 => (seconds.max(0.0), "s"),
        seconds if seconds < 5400.0 => (seconds / 60.0, "min"),
        seconds if seconds < 129_600.0 => (seconds / 3600.0, "h"),
        seconds => (seconds / 86400.0, "days"),
    };
    format!("{count:.0} {unit} ago")
}
