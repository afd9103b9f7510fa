//! What the core has to say on its way, passed to the call that it is about, and from there to the host's own log.
//!
//! There is no queue beside the calls: a line travels with the events of its call, in order and before its end, and the host
//! writes it on the thread of its own that waits for the call.

use std::fmt::{self, Write as _};
use std::future::Future;
use std::sync::Arc;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::event::{Event, Listener, LogLevel, LogRecord};

/// The core's crate, and so the start of its events' targets.
const CORE: &str = "midjourney_imagine";

/// Where the lines of one call go.
struct Sink {
    listener: Arc<dyn Listener>,
    level: LogLevel,
}

tokio::task_local! {
    static SINK: Sink;
}

/// Runs a call whose lines go to its listener.
pub(crate) async fn to<F: Future>(
    listener: Arc<dyn Listener>,
    level: LogLevel,
    call: F,
) -> F::Output {
    SINK.scope(Sink { listener, level }, call).await
}

/// Makes the core's lines arrive. The host calls it once, when it is loaded; a second time does nothing.
pub fn install() {
    let subscriber = tracing_subscriber::registry().with(Lines);
    drop(tracing::subscriber::set_global_default(subscriber));
}

/// The layer between the core's events and the sink of the call that they happen in.
struct Lines;

/// A span's fields as text, kept with the span.
struct Fields(String);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    /// Whether a line is wanted differs from call to call, so no answer may be kept.
    fn register_callsite(&self, metadata: &'static tracing::Metadata<'static>) -> Interest {
        if is_of_the_core(metadata) {
            Interest::sometimes()
        } else {
            Interest::never()
        }
    }

    /// Most calls have no sink, and then nothing is written together at all. What a connection does between two calls has
    /// none either.
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        is_of_the_core(metadata)
            && SINK
                .try_with(|sink| level(*metadata.level()) >= sink.level)
                .unwrap_or(false)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut text = Text::default();
        attributes.record(&mut text);
        span.extensions_mut().insert(Fields(text.fields));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut text = Text::default();
        values.record(&mut text);
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            fields.0.push_str(&text.fields);
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        let mut message = text.message;
        message.push_str(&text.fields);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<Fields>() {
                message.push_str(&fields.0);
            }
        }
        let record = LogRecord {
            level: level(*event.metadata().level()),
            message,
        };
        // Outside of a call there is nobody to tell.
        _ = SINK.try_with(|sink| sink.listener.tell(Event::Log(record)));
    }
}

fn is_of_the_core(metadata: &tracing::Metadata<'_>) -> bool {
    metadata.target().split("::").next() == Some(CORE)
}

fn level(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warning,
        Level::INFO => LogLevel::Info,
        Level::DEBUG | Level::TRACE => LogLevel::Debug,
    }
}

/// The message, and the other fields as ` name=value`.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message.push_str(value);
        } else {
            _ = write!(self.fields, " {}={value}", field.name());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            _ = write!(self.message, "{value:?}");
        } else {
            _ = write!(self.fields, " {}={value:?}", field.name());
        }
    }
}
