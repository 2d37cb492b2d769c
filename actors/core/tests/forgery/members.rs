//! A JSON object as text: members in order, values as written, names as often as one likes.

use serde_json::Value;

/// Names and values, each as it stands in the text.
#[derive(Clone)]
pub(super) struct Members(Vec<(String, String)>);

impl Members {
    /// The members of an object.
    pub(super) fn of(object: &Value) -> Self {
        let members = object.as_object().expect("an object");
        Self(members.iter().map(|(name, value)| (quoted(name), value.to_string())).collect())
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| unquoted(name)).collect()
    }

    /// The value of a member, as written.
    pub(super) fn get(&self, name: &str) -> String {
        let found = self.0.iter().find(|(known, _)| *known == quoted(name));
        found.map(|(_, value)| value.clone()).expect("a member of this name")
    }

    /// The text that a member is.
    pub(super) fn text_of(&self, name: &str) -> String {
        unquoted(&self.get(name))
    }

    /// The number that a member is.
    pub(super) fn number(&self, name: &str) -> i64 {
        self.get(name).parse().expect("a number")
    }

    /// Another value, in the same place; at the end if there is no such member.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        match self.0.iter_mut().find(|(known, _)| *known == quoted(name)) {
            Some((_, old)) => *old = value.into(),
            None => self.add(name, value),
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| *known != quoted(name));
    }

    /// One more, at the end.
    pub(super) fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((quoted(name), value.into()));
    }

    /// One more, at the beginning.
    pub(super) fn add_first(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(0, (quoted(name), value.into()));
    }

    /// One more at the end, its name spelt with escapes: `"\u0061lg"`.
    pub(super) fn add_escaped(&mut self, name: &str, value: impl Into<String>) {
        let escaped: Vec<String> =
            name.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
        self.0.push((format!("\"{}\"", escaped.concat()), value.into()));
    }

    /// The whole object.
    pub(super) fn text(&self) -> String {
        let members = self.0.iter().map(|(name, value)| format!("{name}:{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn unquoted(text: &str) -> String {
    serde_json::from_str(text).expect("a JSON string")
}
