//! The Rust types as the generators see them: read from the JSON Schema of the models. Nothing here knows a target language.

use anyhow::{Context as _, Result, bail};
use midjourney_imagine::{Error, ErrorKind, ImageData, ImagineRequest, TaskData, Update};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// The fields of a request that are not options of every call: what is asked, and `extra`, which is checked apart.
const NOT_OPTIONS: &[&str] = &["prompt", "action", "image_id", "mask", "extra"];

/// All that is generated from.
pub(crate) struct Model {
    pub(crate) image: Record,
    pub(crate) task: Record,
    pub(crate) update: Record,
    pub(crate) request: Record,
    pub(crate) error: Record,
    pub(crate) task_state: Choice,
    pub(crate) mode: Choice,
    /// Each kind with its documentation, in the order of the table in docs/money.md.
    pub(crate) kinds: Vec<(ErrorKind, String)>,
}

/// A type with fields.
pub(crate) struct Record {
    pub(crate) doc: String,
    pub(crate) fields: Vec<Field>,
    /// Whether fields that nobody knows yet lie beside the known ones.
    pub(crate) is_open: bool,
}

pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) kind: Kind,
    pub(crate) is_optional: bool,
}

#[derive(Clone, PartialEq)]
pub(crate) enum Kind {
    Text,
    Integer,
    Number,
    Flag,
    Texts,
    Object,
    /// Another of the types, by its Rust name.
    Named(String),
}

/// A type with values.
pub(crate) struct Choice {
    pub(crate) doc: String,
    pub(crate) values: Vec<String>,
    /// Whether other values pass through.
    pub(crate) is_open: bool,
}

impl Model {
    pub(crate) fn read() -> Result<Self> {
        let mut generator = SchemaSettings::draft2020_12()
            .for_serialize()
            .into_generator();
        generator.subschema_for::<ImageData>();
        generator.subschema_for::<TaskData>();
        generator.subschema_for::<Update>();
        generator.subschema_for::<ImagineRequest>();
        generator.subschema_for::<Error>();
        let types = generator.take_definitions(true);
        let record =
            |name: &str| Record::read(named(&types, name)?).with_context(|| name.to_owned());
        let kinds = values(named(&types, "ErrorKind")?);
        Ok(Self {
            image: record("ImageData")?,
            task: record("TaskData")?,
            update: record("Update")?,
            request: record("ImagineRequest")?,
            error: record("Error")?,
            task_state: Choice::read(named(&types, "TaskState")?),
            mode: Choice::read(named(&types, "Mode")?),
            kinds: ErrorKind::ALL
                .iter()
                .map(|&kind| {
                    let (_, doc) = kinds
                        .iter()
                        .find(|(name, _)| name == kind.as_str())
                        .with_context(|| format!("no documentation of {kind}"))?;
                    Ok((kind, doc.clone()))
                })
                .collect::<Result<_>>()?,
        })
    }

    /// The options of every generation.
    pub(crate) fn options(&self) -> impl Iterator<Item = &Field> {
        let fields = self.request.fields.iter();
        fields.filter(|field| !NOT_OPTIONS.contains(&field.name.as_str()))
    }

    /// What an error knows beside its kind, which is its class, and its message.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &Field> {
        let fields = self.error.fields.iter();
        fields.filter(|field| field.name != "kind" && field.name != "message")
    }
}

fn named<'a>(types: &'a Map<String, Value>, name: &str) -> Result<&'a Value> {
    types
        .get(name)
        .with_context(|| format!("the schema has no {name}"))
}

impl Record {
    fn read(schema: &Value) -> Result<Self> {
        let properties = schema["properties"]
            .as_object()
            .context("it has no properties")?;
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let fields = properties.iter().map(|(name, schema)| {
            let (kind, is_nullable) = Kind::read(schema).with_context(|| name.clone())?;
            let is_optional = is_nullable || !required.contains(&name.as_str());
            Ok(Field {
                name: name.clone(),
                doc: doc(schema),
                kind,
                is_optional,
            })
        });
        Ok(Self {
            doc: doc(schema),
            fields: fields.collect::<Result<_>>()?,
            is_open: schema["additionalProperties"] == true,
        })
    }
}

impl Kind {
    /// The kind, and whether it may be null.
    fn read(schema: &Value) -> Result<(Self, bool)> {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            return Ok((Self::Named(name.to_owned()), false));
        }
        if let Some(either) = schema["anyOf"].as_array() {
            let Some(known) = either.iter().find(|schema| schema["type"] != "null") else {
                bail!("it can only be null");
            };
            return Ok((Self::read(known)?.0, true));
        }
        let types: Vec<&str> = match &schema["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect(),
        };
        let kind = match types.first() {
            Some(&"string") => Self::Text,
            Some(&"integer") => Self::Integer,
            Some(&"number") => Self::Number,
            Some(&"boolean") => Self::Flag,
            Some(&"object") => Self::Object,
            Some(&"array") if schema["items"]["type"] == "string" => Self::Texts,
            _ => bail!("a type that the generator does not know: {schema}"),
        };
        Ok((kind, types.contains(&"null")))
    }
}

impl Choice {
    fn read(schema: &Value) -> Self {
        let values = values(schema).into_iter().map(|(name, _)| name).collect();
        // A variant that is any string carries what this version does not know.
        let is_open = variants(schema).any(|variant| {
            variant["type"] == "string"
                && variant.get("const").is_none()
                && variant.get("enum").is_none()
        });
        Self {
            doc: doc(schema),
            values,
            is_open,
        }
    }
}

pub(super) fn variants(schema: &Value) -> impl Iterator<Item = &Value> {
    ["oneOf", "anyOf"]
        .into_iter()
        .filter_map(|word| schema[word].as_array())
        .flatten()
}

/// The values of an enumeration, each with its documentation.
fn values(schema: &Value) -> Vec<(String, String)> {
    variants(schema)
        .filter_map(|variant| Some((variant["const"].as_str()?.to_owned(), doc(variant))))
        .collect()
}

pub(super) fn doc(schema: &Value) -> String {
    schema["description"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
