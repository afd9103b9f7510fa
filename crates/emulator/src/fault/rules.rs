//! Rules that make faults happen to coming requests, and how a request claims them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::Fault;
use super::kinds::{Manner, Target};

/// A fault that is to happen to coming requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRule {
    fault: Fault,
    times: Option<u32>,
    path: Option<String>,
}

impl FaultRule {
    /// Makes the fault happen once, to the requests it is meant for.
    #[must_use]
    pub fn once(fault: Fault) -> Self {
        Self {
            fault,
            times: Some(1),
            path: None,
        }
    }

    /// Makes it happen so often; 0 means until the rules are cleared.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = (times > 0).then_some(times);
        self
    }

    /// Makes it happen until the rules are cleared.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(0)
    }

    /// Makes it happen to requests of this exact path, for example `/midjourney/tasks`.
    #[must_use]
    pub fn on(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}

impl From<Fault> for FaultRule {
    fn from(fault: Fault) -> Self {
        Self::once(fault)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleOnWire {
    fault: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    arg: Option<Value>,
    times: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

impl Serialize for FaultRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RuleOnWire {
            fault: self.fault.name().to_owned(),
            arg: self.fault.argument(),
            times: Some(self.times.unwrap_or(0)),
            path: self.path.clone(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FaultRule {
    /// Reads `{"fault":name,"arg":…,"times":1,"path":…}`; an absent `times` is 1, and 0 means until cleared.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rule = RuleOnWire::deserialize(deserializer)?;
        let argument = match rule.arg {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(other) => Some(other.to_string()),
        };
        let fault = Fault::read(&rule.fault, argument.as_deref()).map_err(D::Error::custom)?;
        let built = Self::once(fault).times(rule.times.unwrap_or(1));
        Ok(Self {
            path: rule.path,
            ..built
        })
    }
}

/// The rules in force.
#[derive(Debug, Default)]
pub(crate) struct Rules(Mutex<Vec<FaultRule>>);

impl Rules {
    fn lock(&self) -> MutexGuard<'_, Vec<FaultRule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, rule: FaultRule) {
        self.lock().push(rule);
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn list(&self) -> Vec<FaultRule> {
        self.lock().clone()
    }

    /// Takes the faults that happen to a request of this path, and uses their rules up by one. Of the faults that
    /// decide an exchange alone, only the first is taken: the next request gets the next.
    pub(crate) fn claim(
        &self,
        path: &str,
        target: Target,
        applies: impl Fn(&Fault) -> bool,
    ) -> Vec<Fault> {
        let mut claimed = Vec::new();
        let mut alone = false;
        self.lock().retain_mut(|rule| {
            let meant = match &rule.path {
                Some(wanted) => wanted == path,
                None => rule.fault.target() == target,
            };
            let decides = rule.fault.manner() == Manner::Alone;
            if !meant || !applies(&rule.fault) || (decides && alone) {
                return true;
            }
            alone |= decides;
            claimed.push(rule.fault.clone());
            match &mut rule.times {
                None => true,
                Some(times) => {
                    *times = times.saturating_sub(1);
                    *times > 0
                }
            }
        });
        claimed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(rules: &Rules, path: &str, target: Target) -> Vec<Fault> {
        rules.claim(path, target, |_| true)
    }

    #[test]
    fn faults_that_decide_alone_queue_up_and_the_others_go_together() {
        let rules = Rules::default();
        for fault in [Fault::RateLimit(None), Fault::Crlf, Fault::Error500] {
            rules.add(fault.into());
        }
        let path = "/midjourney/imagine";
        assert_eq!(
            claim(&rules, path, Target::Imagine),
            [Fault::RateLimit(None), Fault::Crlf]
        );
        assert_eq!(claim(&rules, path, Target::Imagine), [Fault::Error500]);
        assert_eq!(claim(&rules, path, Target::Imagine), []);
    }

    #[test]
    fn a_path_beats_the_faults_own_target() {
        let rules = Rules::default();
        rules.add(
            FaultRule::once(Fault::Error500)
                .on("/midjourney/tasks")
                .always(),
        );
        assert_eq!(claim(&rules, "/midjourney/imagine", Target::Imagine), []);
        for _ in 0..3 {
            assert_eq!(
                claim(&rules, "/midjourney/tasks", Target::Tasks),
                [Fault::Error500]
            );
        }
        rules.clear();
        assert_eq!(claim(&rules, "/midjourney/tasks", Target::Tasks), []);
    }

    #[test]
    fn rules_read_numbers_and_words_and_refuse_what_they_do_not_know() {
        let read = |text: &str| serde_json::from_str::<FaultRule>(text);
        let rule = read(r#"{"fault":"cut_after_bytes","arg":120,"times":2,"path":"/x"}"#).unwrap();
        assert_eq!(
            rule,
            FaultRule::once(Fault::CutAfterBytes(120)).times(2).on("/x")
        );
        assert_eq!(
            read(r#"{"fault":"crlf","arg":null,"times":0}"#).unwrap(),
            FaultRule::once(Fault::Crlf).always()
        );
        assert!(read(r#"{"fault":"crlf","extra":1}"#).is_err());
        assert!(read(r#"{"fault":"cut_after_bytes"}"#).is_err());
        let written = serde_json::to_value(rule).unwrap();
        assert_eq!(
            written,
            serde_json::json!({"fault":"cut_after_bytes","arg":120,"times":2,"path":"/x"})
        );
    }
}
