//! What a transaction remembers of what it has read.
//!
//! The bids of a hot lot wait in one lane and share a transaction; each would read and check the same terms again. What is
//! remembered is forgotten as soon as this transaction changes a row of a table it came from, or undoes anything.
//!
//! Only for what nobody else can change meanwhile: what belongs to an aggregate that this transaction has locked.

use std::{any::Any, collections::HashMap, rc::Rc};

#[derive(Default)]
pub(super) struct Memory(HashMap<String, Known>);

struct Known {
    /// The logged tables it was read from.
    from: &'static [&'static str],
    what: Rc<dyn Any>,
}

impl Memory {
    pub fn recall<T: 'static>(&self, key: &str) -> Option<Rc<T>> {
        self.0.get(key)?.what.clone().downcast().ok()
    }

    pub fn remember<T: 'static>(&mut self, key: String, from: &'static [&'static str], what: T) -> Rc<T> {
        let what = Rc::new(what);
        self.0.insert(key, Known { from, what: what.clone() });
        what
    }

    /// A row of the table is another now.
    pub fn changed(&mut self, table: &str) {
        self.0.retain(|_, known| !known.from.contains(&table));
    }

    /// Something was undone.
    pub fn forget(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_to_a_table_takes_what_was_read_from_it() {
        let mut memory = Memory::default();
        memory.remember("a".into(), &["lots", "terms"], 1);
        memory.remember("b".into(), &["terms"], 2);
        memory.changed("lots");
        assert_eq!((memory.recall::<i32>("a"), memory.recall::<i32>("b").as_deref()), (None, Some(&2)));
        assert_eq!(memory.recall::<String>("b"), None, "of another type");
        memory.forget();
        assert_eq!(memory.recall::<i32>("b"), None);
    }
}
