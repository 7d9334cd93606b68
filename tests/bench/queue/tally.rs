//! What was measured so far, by figure and peer.

use crate::figure::median;
use std::collections::BTreeMap;

/// All values of all rounds.
#[derive(Default)]
pub struct Tally {
    values: BTreeMap<(String, String), Vec<f64>>,
}

impl Tally {
    pub fn add(&mut self, peer: &str, figure: &str, value: f64) {
        self.values.entry((figure.into(), peer.into())).or_default().push(value);
    }

    /// Keeps a line of the kit's form; other lines are somebody's remarks. `na` is a value that was not reached.
    pub fn read(&mut self, line: &str) {
        let mut words = line.split(' ').filter_map(|word| word.split_once('='));
        if let (Some(("peer", peer)), Some(("figure", figure)), Some(("value", value))) =
            (words.next(), words.next(), words.next())
        {
            self.add(peer, figure, value.parse().unwrap_or(f64::NAN));
        }
    }

    /// The median; not a number when half the rounds or more had none.
    pub fn median(&self, peer: &str, figure: &str) -> f64 {
        let values = self.values.get(&(figure.into(), peer.into())).map_or(&[][..], Vec::as_slice);
        let reached: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        if reached.len() * 2 > values.len() { median(reached) } else { f64::NAN }
    }
}
