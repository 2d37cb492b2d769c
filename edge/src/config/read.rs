//! Reads variables one by one and keeps every fault, so that all are reported together.

use std::fmt;

use super::variables::{Variable, Variables};

/// One value that cannot be used. It is not quoted: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which variable.
    pub variable: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

/// Every value that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used:")?;
        for Fault { variable, reason } in &self.0 {
            write!(f, "\n  {variable}: {reason}")?;
        }
        Ok(())
    }
}

/// Reads from a source.
pub(super) struct Reader<'a> {
    source: &'a dyn Variables,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    /// A reader that has read nothing.
    pub(super) fn new(source: &'a dyn Variables) -> Self {
        Self { source, faults: Vec::new() }
    }

    /// The value; after a fault the default, because the configuration is refused anyway.
    pub(super) fn read<T>(
        &mut self,
        variable: Variable,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        let given = self.given(variable);
        let parsed = parse(given.as_deref().unwrap_or(variable.default));
        parsed.unwrap_or_else(|reason| {
            self.fault(variable, reason);
            parse(variable.default).unwrap_or_else(|reason| unreachable!("a default: {reason}"))
        })
    }

    /// The value, or nothing; a fault if `needed` and nothing is given.
    pub(super) fn read_optional<T>(
        &mut self,
        variable: Variable,
        needed: Needed,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        match (self.given(variable), needed) {
            (Some(given), _) => parse(&given).map_err(|reason| self.fault(variable, reason)).ok(),
            (None, Needed::No) => None,
            (None, Needed::By(command)) => {
                self.fault(variable, format!("{command} needs it"));
                None
            }
        }
    }

    /// The value of `variable`, or what stands in the file that `file` names. The two together are a
    /// fault: nobody would know which one holds.
    pub(super) fn read_secret<T>(
        &mut self,
        variable: Variable,
        file: Variable,
        needed: Needed,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let Some(path) = self.given(file) else {
            return self.read_optional(variable, needed, parse);
        };
        let value = if self.given(variable).is_some() {
            Err(format!("{} is given as well; one of the two is enough", variable.name))
        } else {
            let read = std::fs::read_to_string(path);
            read.map_err(|_| "expected a file that can be read".to_owned())
        };
        let value = value.and_then(|text| parse(text.trim()));
        value.map_err(|reason| self.fault(file, reason)).ok()
    }

    /// Keeps a fault.
    pub(super) fn fault(&mut self, variable: Variable, reason: impl Into<String>) {
        self.faults.push(Fault { variable: variable.name, reason: reason.into() });
    }

    /// What was made of the values, unless there was any fault.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Faults> {
        if self.faults.is_empty() { Ok(value) } else { Err(Faults(self.faults)) }
    }

    fn given(&self, variable: Variable) -> Option<String> {
        let value = self.source.get(variable.name)?.trim().to_owned();
        (!value.is_empty()).then_some(value)
    }
}

/// Whether a command can do without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needed {
    /// It can.
    No,
    /// This command cannot.
    By(&'static str),
}

/// A whole number within bounds.
pub(super) fn number(min: u64, max: u64) -> impl Fn(&str) -> Result<u64, String> {
    move |text| match text.parse() {
        Ok(number) if (min..=max).contains(&number) => Ok(number),
        Ok(_) | Err(_) => Err(format!("expected a whole number from {min} to {max}")),
    }
}
