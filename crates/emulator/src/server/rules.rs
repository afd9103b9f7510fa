//! Rules that make faults strike coming requests, and how a request claims them.

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::jobs::fault::{Fault, Manner, Target};

/// A fault that is to strike coming requests.
///
/// As JSON it is `{"fault":name,"arg":…,"times":1,"path":…}`; an absent `times` is 1, and 0 means until cleared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "RuleBody", try_from = "RuleBody")]
pub struct FaultRule {
    fault: Fault,
    times: Option<u32>,
    path: Option<String>,
}

impl FaultRule {
    /// Makes the fault strike one of the requests that it is meant for.
    #[must_use]
    pub fn once(fault: Fault) -> Self {
        Self {
            fault,
            times: Some(1),
            path: None,
        }
    }

    /// Makes it strike this many requests; 0 means until the rules are cleared.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = (times > 0).then_some(times);
        self
    }

    /// Makes it strike until the rules are cleared.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(0)
    }

    /// Makes it strike requests of this exact path, for example `/midjourney/tasks`.
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
struct RuleBody {
    fault: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    arg: Option<Value>,
    times: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

impl From<FaultRule> for RuleBody {
    fn from(rule: FaultRule) -> Self {
        Self {
            fault: rule.fault.name().to_owned(),
            arg: rule.fault.argument(),
            times: Some(rule.times.unwrap_or(0)),
            path: rule.path,
        }
    }
}

impl TryFrom<RuleBody> for FaultRule {
    type Error = String;

    fn try_from(body: RuleBody) -> Result<Self, String> {
        let argument = match body.arg {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(other) => Some(other.to_string()),
        };
        let fault = Fault::read(&body.fault, argument.as_deref())?;
        let rule = Self::once(fault).times(body.times.unwrap_or(1));
        Ok(Self {
            path: body.path,
            ..rule
        })
    }
}

/// The rules in force.
#[derive(Debug, Default)]
pub(crate) struct Rules(Mutex<Vec<FaultRule>>);

impl Rules {
    pub(crate) fn add(&self, rule: FaultRule) {
        self.0.lock().push(rule);
    }

    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }

    pub(crate) fn list(&self) -> Vec<FaultRule> {
        self.0.lock().clone()
    }

    /// Takes the faults that strike a request of this path, and uses their rules up by one. Of the faults that
    /// decide an exchange alone, only the first is taken: the next request gets the next.
    pub(crate) fn claim(
        &self,
        path: &str,
        target: Target,
        applies: impl Fn(&Fault) -> bool,
    ) -> Vec<Fault> {
        let mut claimed = Vec::new();
        let mut alone = false;
        self.0.lock().retain_mut(|rule| {
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
