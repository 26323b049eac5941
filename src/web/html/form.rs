//! A form as it goes back to the person: what was typed, and what must be changed.

use std::collections::BTreeMap;

use crate::{
    kernel::{FieldError, Problem},
    web::FormFields,
};

/// The values of a form by field name and the refusals to show beside them. Values of `password` fields are never written
/// back by the template.
#[derive(Debug, Clone, Default)]
pub struct FormState {
    values: BTreeMap<String, Vec<String>>,
    errors: Vec<FieldError>,
    reason: Option<String>,
}

impl From<&FormFields> for FormState {
    fn from(fields: &FormFields) -> Self {
        Self::new(
            fields.0.iter().filter(|(name, _)| *name != "csrf").map(|(name, value)| (name.as_str(), value.trim())),
        )
    }
}

impl FormState {
    /// From name and value pairs, in any order; a name may come more than once (check boxes).
    pub fn new<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            form.values.entry(name.into()).or_default().push(value.into());
        }
        form
    }

    /// Adds the refusal: its fields, or its sentence where it names none.
    #[must_use]
    pub fn with_problem(mut self, problem: &Problem) -> Self {
        if problem.fields.is_empty() {
            self.reason = Some(problem.detail.clone());
        }
        self.errors.extend(problem.fields.iter().cloned());
        self
    }

    /// The first value given for the field, or nothing.
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).and_then(|all| all.first()).map_or("", String::as_str)
    }

    /// Whether `word` is among the values given for the field.
    pub fn is(&self, name: &str, word: &str) -> bool {
        self.values.get(name).is_some_and(|all| all.iter().any(|value| value == word))
    }

    /// The first sentence about the field.
    pub fn error(&self, name: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field() == name).map(|error| error.detail.as_str())
    }

    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// What is wrong with the whole rather than with one field.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    pub fn has_errors(&self) -> bool {
        self.reason.is_some() || !self.errors.is_empty()
    }

    /// The heading of the summary.
    pub fn summary_title(&self) -> String {
        match self.errors.len() {
            0 => "没有办成".to_owned(),
            n => format!("有 {n} 处需要修改"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_values_and_names_fields() {
        let problem = Problem::fields(vec![
            FieldError::new("deposit", Some("-1"), "保证金要大于零，例如 1000.00"),
            FieldError::new("closes", None, "请填写竞价结束时间"),
        ]);
        let form = FormState::new([("deposit", "-1"), ("use", "a"), ("use", "b")]).with_problem(&problem);
        assert_eq!(form.value("deposit"), "-1");
        assert!(form.is("use", "b") && !form.is("use", "c"));
        assert_eq!(form.summary_title(), "有 2 处需要修改");
        assert_eq!(form.error("closes"), Some("请填写竞价结束时间"));
        assert_eq!(form.error("use"), None);
        assert_eq!(form.reason(), None);
    }
}
