//! A bounded, ordered collection: the newest records stay, each found by its id or by a tag.

use std::collections::{HashMap, VecDeque};

/// The newest so many records of each kind are kept.
pub const ROOM: usize = 100_000;

/// Something the sandbox keeps.
pub trait Record: Clone {
    /// Unique among its kind.
    fn id(&self) -> &str;
    /// What else it is found by; never changes after the record is put away.
    fn tags(&self) -> Vec<String>;
}

/// Records in the order they came.
#[derive(Debug)]
pub struct Shelf<R> {
    order: VecDeque<String>,
    rows: HashMap<String, R>,
    tagged: HashMap<String, VecDeque<String>>,
    room: usize,
    total: u64,
}

impl<R> Default for Shelf<R> {
    fn default() -> Self {
        Self { order: VecDeque::new(), rows: HashMap::new(), tagged: HashMap::new(), room: ROOM, total: 0 }
    }
}

impl<R: Record> Shelf<R> {
    /// Put a record away; the oldest leaves when there is no room.
    pub fn put(&mut self, record: R) {
        if self.rows.len() >= self.room {
            self.drop_oldest();
        }
        let id = record.id().to_owned();
        for tag in record.tags() {
            self.tagged.entry(tag).or_default().push_back(id.clone());
        }
        self.total += 1;
        if self.rows.insert(id.clone(), record).is_none() {
            self.order.push_back(id);
        }
    }

    fn drop_oldest(&mut self) {
        let Some(record) = self.order.pop_front().and_then(|id| self.rows.remove(&id)) else { return };
        for tag in record.tags() {
            if let Some(ids) = self.tagged.get_mut(&tag) {
                ids.retain(|id| id != record.id());
                if ids.is_empty() {
                    self.tagged.remove(&tag);
                }
            }
        }
    }

    /// The record with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&R> {
        self.rows.get(id)
    }

    /// Takes a record away, with its tags.
    pub(crate) fn take(&mut self, id: &str) -> Option<R> {
        let record = self.rows.remove(id)?;
        self.order.retain(|known| known != id);
        for tag in record.tags() {
            if let Some(ids) = self.tagged.get_mut(&tag) {
                ids.retain(|known| known != id);
            }
        }
        Some(record)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut R> {
        self.rows.get_mut(id)
    }

    /// Records with this tag, oldest first.
    #[must_use]
    pub fn tagged(&self, tag: &str) -> Vec<R> {
        self.tagged.get(tag).into_iter().flatten().filter_map(|id| self.rows.get(id)).cloned().collect()
    }

    /// All records kept, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<R> {
        self.iter().cloned().collect()
    }

    /// The newest records first: `limit` of them after skipping `skip`.
    #[must_use]
    pub fn newest(&self, limit: usize, skip: usize) -> Vec<R> {
        self.order.iter().rev().skip(skip).take(limit).filter_map(|id| self.rows.get(id)).cloned().collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &R> {
        self.order.iter().filter_map(|id| self.rows.get(id))
    }

    /// How many ever came, kept or not.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct Note(String, &'static str);

    impl Record for Note {
        fn id(&self) -> &str {
            &self.0
        }
        fn tags(&self) -> Vec<String> {
            vec![self.1.into()]
        }
    }

    #[test]
    fn the_oldest_leaves_with_its_tags_when_there_is_no_room() {
        let mut shelf = Shelf { room: 2, ..Shelf::default() };
        for (id, tag) in [("1", "a"), ("2", "b"), ("3", "b")] {
            shelf.put(Note(id.into(), tag));
        }
        assert!(shelf.get("1").is_none());
        assert!(shelf.tagged("a").is_empty());
        assert_eq!(shelf.tagged("b").len(), 2);
        assert_eq!(shelf.newest(1, 0)[0].0, "3");
        assert_eq!(shelf.total(), 3);
    }
}
