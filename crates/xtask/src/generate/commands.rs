//! Writes the types of what hosts pass over the border, so that their type checkers find a misspelt command or field. The shapes
//! come from the bridge's own schemas.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};

use super::schema::{doc, variants};
use super::{python, typescript};
use crate::steps::cargo;

/// The types that both hosts have already.
const OWN: &[&str] = &[
    "Error",
    "ErrorKind",
    "ImageData",
    "Mode",
    "TaskData",
    "TaskState",
];

/// The fields of a request that hosts give as an argument beside it.
const BESIDE: &[&str] = &["action", "image_id", "mask"];

type Types = Map<String, Value>;

/// How a host language spells types.
struct Host {
    text: &'static str,
    integer: &'static str,
    number: &'static str,
    flag: &'static str,
    object: &'static str,
    any: &'static str,
    null: &'static str,
    list: fn(&str) -> String,
    own: fn(&str) -> &str,
}

const PYTHON: Host = Host {
    text: "str",
    integer: "int",
    number: "float",
    flag: "bool",
    object: "JSONObject",
    any: "JSON",
    null: "None",
    list: |item| format!("Sequence[{item}]"),
    // Data are plain JSON when they cross.
    own: |name| if name == "Mode" { name } else { "JSONObject" },
};

const TYPESCRIPT: Host = Host {
    text: "string",
    integer: "number",
    number: "number",
    flag: "boolean",
    object: "Readonly<Record<string, unknown>>",
    any: "unknown",
    null: "null",
    list: |item| format!("readonly {item}[]"),
    own: |name| name,
};

/// Every generated file, as its path from the root and its text.
pub(crate) fn files() -> Result<Vec<(&'static str, String)>> {
    let types = schemas()?;
    Ok(vec![
        (
            "python/src/midjourney_imagine/_commands.py",
            in_python(&types)?,
        ),
        ("node/src/commands.ts", in_typescript(&types)?),
    ])
}

/// The bridge is run and not linked: every other command of this tool would wait for it to be built.
fn schemas() -> Result<Types> {
    let mut run = cargo(&[
        "run",
        "--quiet",
        "--package",
        "midjourney-imagine-bridge",
        "--example",
        "schemas",
    ]);
    let output = run.current_dir(crate::steps::root()).output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).context("the schemas of the border")
}

/// A type that has a name in the host languages, too.
enum Shape<'a> {
    Record(Vec<Field>),
    /// Either an object with one member, whose name says what it is, or a word.
    Union(Vec<Field>, Vec<&'a str>),
}

struct Field {
    name: String,
    doc: String,
    kind: String,
    is_optional: bool,
}

impl Host {
    fn shape<'a>(&self, types: &'a Types, name: &str) -> Result<Option<Shape<'a>>> {
        let schema = &types[name];
        if OWN.contains(&name) {
            return Ok(None);
        }
        if schema["type"] == "object" {
            let mut fields = self.fields(types, schema)?;
            fields.retain(|field| name != "ImagineRequest" || !BESIDE.contains(&&*field.name));
            return Ok(Some(Shape::Record(fields)));
        }
        let (mut tagged, mut words) = (Vec::new(), Vec::new());
        for variant in variants(schema) {
            words.extend(variant["const"].as_str());
            for field in self.fields(types, variant)? {
                let doc = doc(variant);
                tagged.push(Field { doc, ..field });
            }
        }
        let has_name = !tagged.is_empty() || !words.is_empty();
        Ok(has_name.then_some(Shape::Union(tagged, words)))
    }

    fn fields(&self, types: &Types, schema: &Value) -> Result<Vec<Field>> {
        let required: Vec<&Value> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .collect();
        let fields = schema["properties"].as_object().into_iter().flatten();
        fields
            .map(|(name, schema)| {
                Ok(Field {
                    name: name.clone(),
                    doc: doc(schema),
                    kind: self.kind(types, schema)?,
                    is_optional: !required.iter().any(|required| *required == name),
                })
            })
            .collect()
    }

    fn kind(&self, types: &Types, schema: &Value) -> Result<String> {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            if OWN.contains(&name) {
                return Ok((self.own)(name).to_owned());
            }
            return match self.shape(types, name)? {
                Some(_) => Ok(name.to_owned()),
                None => self.kind(types, &types[name]),
            };
        }
        if let Some(either) = schema["anyOf"].as_array() {
            let kinds = either.iter().map(|schema| self.kind(types, schema));
            return Ok(kinds.collect::<Result<Vec<_>>>()?.join(" | "));
        }
        let kind = |kind: &Value| {
            Ok(match kind.as_str() {
                Some("string") => self.text.to_owned(),
                Some("integer") => self.integer.to_owned(),
                Some("number") => self.number.to_owned(),
                Some("boolean") => self.flag.to_owned(),
                Some("object") => self.object.to_owned(),
                Some("null") => self.null.to_owned(),
                Some("array") => (self.list)(&self.kind(types, &schema["items"])?),
                _ => bail!("a type that the generator does not know: {schema}"),
            })
        };
        match &schema["type"] {
            Value::Null => Ok(self.any.to_owned()),
            Value::Array(kinds) => Ok(kinds
                .iter()
                .map(kind)
                .collect::<Result<Vec<_>>>()?
                .join(" | ")),
            one => kind(one),
        }
    }
}

fn in_python(types: &Types) -> Result<String> {
    let head = r#""""What crosses the border to the native module, for type checkers: nothing imports this when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import NotRequired

    from ._record import JSON, JSONObject
    from .models import Mode
"#;
    let class = |name: &str, doc: &str, fields: &[Field]| {
        let field = |field: &Field| {
            let (name, kind, doc) = (&field.name, &field.kind, python::docstring(&field.doc, 4));
            if field.is_optional {
                format!("\n    {name}: NotRequired[{kind}]\n{doc}")
            } else {
                format!("\n    {name}: {kind}\n{doc}")
            }
        };
        let fields = fields.iter().map(field).collect::<Vec<_>>().concat();
        let doc = python::docstring(doc, 4);
        format!("\n\nclass {name}(TypedDict):\n{doc}{fields}")
    };
    // One line where it fits, else a line for each.
    let alias = |name: &str, doc: &str, kinds: &[String]| {
        let doc = python::docstring(doc, 0);
        let one = format!("{name}: TypeAlias = {}", kinds.join(" | "));
        if kinds.len() == 1 || one.chars().count() <= python::WIDTH {
            return format!("\n\n{one}\n{doc}");
        }
        let kinds = kinds.join("\n| ").replace('\n', "\n    ");
        format!("\n\n{name}: TypeAlias = (\n    {kinds}\n)\n{doc}")
    };
    let literal = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
        let one = words.join(", ");
        if one.len() < 90 {
            return format!("Literal[{one}]");
        }
        format!("Literal[\n    {},\n]", words.join(",\n    "))
    };
    let mut text = format!("{}{head}", python::HEADER);
    // Aliases are read when the module is, so they come after what they name.
    let (mut aliases, mut commands) = (String::new(), String::new());
    for (name, schema) in types {
        let doc = doc(schema);
        match PYTHON.shape(types, name)? {
            None => {}
            Some(Shape::Record(fields)) => text += &class(name, &doc, &fields),
            Some(Shape::Union(tagged, _)) if name.ends_with("Command") => {
                let verbs: Vec<&str> = tagged.iter().map(|field| &*field.name).collect();
                commands += &alias(&format!("{name}Verb"), &doc, &[literal(&verbs)]);
                let arguments: BTreeSet<String> =
                    tagged.into_iter().map(|field| field.kind).collect();
                let arguments = Vec::from_iter(arguments);
                let doc = "What the verbs take.";
                commands += &alias(&format!("{name}Arguments"), doc, &arguments);
            }
            Some(Shape::Union(tagged, words)) => {
                let mut kinds = Vec::new();
                for field in tagged {
                    let of_tag = format!("{}{name}", pascal(&field.name));
                    text += &class(&of_tag, &doc, &[field]);
                    kinds.push(of_tag);
                }
                kinds.extend((!words.is_empty()).then(|| literal(&words)));
                aliases += &alias(name, &doc, &kinds);
            }
        }
    }
    Ok(text + &aliases + &commands)
}

fn in_typescript(types: &Types) -> Result<String> {
    let head = r"// What crosses the border to the native module. Nothing of it is public.

import type { ImageData, Mode, TaskData } from './models.js';
";
    let mut text = format!("{}{head}", typescript::HEADER);
    for (name, schema) in types {
        let declared = match TYPESCRIPT.shape(types, name)? {
            None => continue,
            Some(Shape::Record(fields)) if fields.is_empty() => {
                format!("type {name} = Readonly<Record<string, never>>;\n")
            }
            Some(Shape::Record(fields)) => {
                let field = |field: &Field| {
                    let (name, kind) = (&field.name, &field.kind);
                    let doc = typescript::comment(&field.doc, 2);
                    if field.is_optional {
                        format!("{doc}  readonly {name}?: {kind} | undefined;\n")
                    } else {
                        format!("{doc}  readonly {name}: {kind};\n")
                    }
                };
                let fields: Vec<String> = fields.iter().map(field).collect();
                format!("interface {name} {{\n{}}}\n", fields.join("\n"))
            }
            Some(Shape::Union(tagged, words)) => {
                let tagged = tagged
                    .iter()
                    .map(|field| format!("{{ readonly {}: {} }}", field.name, field.kind));
                let words = words.iter().map(|word| format!("'{word}'"));
                let kinds: Vec<String> = tagged.chain(words).collect();
                let one = format!("type {name} = {};\n", kinds.join(" | "));
                if one.chars().count() + "export ".len() <= typescript::WIDTH {
                    one
                } else {
                    format!("type {name} =\n  | {};\n", kinds.join("\n  | "))
                }
            }
        };
        let doc = typescript::comment(&doc(schema), 0);
        text.extend(["\n", &doc, "export ", &declared]);
    }
    Ok(text)
}

fn pascal(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let (initial, rest) = word.split_at(1);
            initial.to_uppercase() + rest
        })
        .collect()
}
