//! Text in the encoding and the measures of the fonts every reader of pages has: Windows' Western characters, Helvetica.
//! It holds every letter of French, English, Portuguese and German; a few letters of West African languages are written by
//! the nearest one, and what is left as a question mark.

/// The bytes of a text.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    text.chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).map(byte).collect()
}

fn byte(c: char) -> u8 {
    match c {
        ' '..='~' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(c)).unwrap_or(b'?'),
        '\u{2009}' | '\u{202f}' | '\t' | '\n' | '\r' => b' ',
        '€' => 0x80,
        '…' => 0x85,
        'Š' => 0x8a,
        'Œ' => 0x8c,
        'Ž' => 0x8e,
        '‘' | 'ʼ' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' | '−' => 0x96,
        '—' => 0x97,
        'š' => 0x9a,
        'œ' => 0x9c,
        'ž' => 0x9e,
        'Ÿ' => 0x9f,
        'ɛ' | 'ẽ' => b'e',
        'Ɛ' => b'E',
        'ɔ' => b'o',
        'Ɔ' => b'O',
        'ŋ' | 'ɲ' => b'n',
        'Ŋ' | 'Ɲ' => b'N',
        'ɓ' => b'b',
        'ɗ' => b'd',
        'ƴ' => b'y',
        _ => b'?',
    }
}

/// Widths of Helvetica from the space to the tilde, in thousandths of its size.
const ASCII: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];

fn width_of(byte: u8) -> u16 {
    match byte {
        b' '..=b'~' => ASCII[usize::from(byte - b' ')],
        0x85 | 0x8c | 0x97 | 0xc6 => 1000,
        0x91 | 0x92 | 0xa0 | 0xcc..=0xcf | 0xec..=0xef => 278,
        0x93 | 0x94 => 333,
        0xc0..=0xc5 | 0xc8..=0xcb | 0xdd => 667,
        0xc7 | 0xd0 | 0xd1 | 0xd9..=0xdc => 722,
        0xd2..=0xd6 | 0xd8 => 778,
        0x9c => 944,
        0xe7 | 0xfd | 0xff => 500,
        0xe6 => 889,
        _ => 556,
    }
}

/// How wide a text is at a size, in points. Bold letters are a little wider than said here; its digits are not.
pub(super) fn width(bytes: &[u8], size: f32) -> f32 {
    bytes.iter().map(|byte| f32::from(width_of(*byte))).sum::<f32>() * size / 1000.0
}

/// As much of a text as fits, with an ellipsis where something is left out.
pub(super) fn fitting(text: &str, size: f32, room: f32) -> Vec<u8> {
    let mut all = bytes(text);
    if width(&all, size) <= room {
        return all;
    }
    while !all.is_empty() && width(&all, size) + size > room {
        all.pop();
    }
    all.push(0x85);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_is_kept_whole() {
        assert_eq!(bytes("Relevé – Koné"), b"Relev\xe9 \x96 Kon\xe9");
        assert_eq!(bytes("cœur, 1\u{202f}000 €"), b"c\x9cur, 1 000 \x80");
        assert_eq!(bytes("Mɔɔbá \u{4e2d}"), b"Moob\xe1 ?");
    }

    #[test]
    fn what_is_too_long_ends_in_an_ellipsis_and_fits() {
        let cut = fitting("Abidjan, gare routière d’Adjamé", 9.0, 60.0);
        assert!(width(&cut, 9.0) <= 60.0 && cut.ends_with(&[0x85]));
        assert_eq!(fitting("Abidjan", 9.0, 60.0), b"Abidjan");
    }
}
