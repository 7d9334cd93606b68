//! Draws that a seed repeats (splitmix64).

use std::time::Duration;

/// A row of draws.
#[derive(Debug)]
pub struct Luck(u64);

impl Luck {
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// A row of its own, for one of several that draw side by side.
    pub fn apart(&mut self) -> Self {
        Self(self.draw())
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.draw() % limit
    }

    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
