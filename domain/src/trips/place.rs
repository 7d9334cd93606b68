//! A point on the globe with the words people use for it (I14).

use crate::{error::Result, refusals::Refusal};
use serde::Serialize;

/// A place of departure or arrival.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// Degrees north, -90 to 90 (WGS84).
    pub lat: f64,
    /// Degrees east, -180 to 180 (WGS84).
    pub lon: f64,
    /// What people call it, 1 to 200 characters.
    pub text: String,
}

impl Place {
    /// Checks the bounds; `field` names the place in the refusal.
    ///
    /// # Errors
    /// [`Refusal::Invalid`].
    pub fn check(&self, field: &str) -> Result<()> {
        check_point(self.lat, self.lon, field)?;
        if self.text.trim().is_empty() || self.text.chars().count() > 200 || self.text.contains('\0') {
            return Err(Refusal::invalid(format!("{field}.text"), "must have 1 to 200 characters").into());
        }
        Ok(())
    }

    /// Kilometres to `other` along the great circle.
    #[must_use]
    pub fn kilometres_to(&self, other: &Self) -> f64 {
        let (lat1, lat2) = (self.lat.to_radians(), other.lat.to_radians());
        let (dlat, dlon) = (lat2 - lat1, (other.lon - self.lon).to_radians());
        let a = (dlat / 2.0).sin().powi(2) + lat1.cos() * lat2.cos() * (dlon / 2.0).sin().powi(2);
        2.0 * 6_371.0 * a.sqrt().asin()
    }
}

/// Checks that a point lies on the globe.
///
/// # Errors
/// [`Refusal::Invalid`] naming the coordinate.
pub(super) fn check_point(lat: f64, lon: f64, field: &str) -> Result<()> {
    if !(-90.0..=90.0).contains(&lat) {
        return Err(Refusal::invalid(format!("{field}.lat"), "must be between -90 and 90").into());
    }
    if !(-180.0..=180.0).contains(&lon) {
        return Err(Refusal::invalid(format!("{field}.lon"), "must be between -180 and 180").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_globe_has_edges() {
        assert!(check_point(90.0, 180.0, "origin").is_ok());
        for (lat, lon) in [(90.1, 0.0), (0.0, -180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert!(check_point(lat, lon, "origin").is_err());
        }
    }

    #[test]
    fn abidjan_is_some_220_kilometres_from_yamoussoukro() {
        let abidjan = Place { lat: 5.3575, lon: -4.0083, text: "Abidjan".into() };
        let yamoussoukro = Place { lat: 6.819, lon: -5.276, text: "Yamoussoukro".into() };
        assert!((210.0..230.0).contains(&abidjan.kilometres_to(&yamoussoukro)));
    }
}
