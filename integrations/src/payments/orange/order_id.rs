//! The name an order has at Orange: unique for ever and at most 30 characters, so a UUID in hex is too long. Ours is
//! written in 26 letters of Crockford's alphabet; the number of the attempt follows, because an order whose answer was
//! lost can be neither found nor opened again.

use domain::ids::PaymentId;

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 26;

pub(super) fn write(payment: PaymentId, attempt: i32) -> String {
    let number = payment.0.as_u128();
    let letter = |at: usize| LETTERS[((number >> (5 * (LENGTH - 1 - at))) & 31) as usize] as char;
    let id: String = (0..LENGTH).map(letter).collect();
    // beyond 9999 attempts the name would repeat and Orange would refuse it: nothing is opened twice
    format!("{id}{}", attempt.clamp(0, 9_999))
}

/// Whose order it is.
pub(super) fn read(order_id: &str) -> Option<PaymentId> {
    let letters = order_id.as_bytes().get(..LENGTH)?;
    let digit = |letter: &u8| LETTERS.iter().position(|known| known == letter);
    let number = letters.iter().try_fold(0_u128, |number, letter| Some((number << 5) | digit(letter)? as u128))?;
    format!("{number:032x}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_can_be_read_back() {
        for id in ["5b0c5f3e-6d0b-4a52-9d0e-0f6f6f1f0001", "ffffffff-ffff-4fff-bfff-ffffffffffff"] {
            let payment: PaymentId = id.parse().unwrap();
            for attempt in [0, 7, 9_999, 100_000] {
                let name = write(payment, attempt);
                assert!(name.len() <= 30, "{name}");
                assert_eq!(read(&name), Some(payment));
            }
            assert_ne!(write(payment, 1), write(payment, 2));
        }
        assert_eq!(read("att_0001"), None);
    }
}
