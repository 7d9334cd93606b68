//! Pages to print or to keep: a heading, the columns again on each page, sums at the end, and how many pages there are.

use super::{
    Cell, Column, Head, Total,
    winansi::{bytes, fitting, width},
};
use domain::money::Money;
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

const REGULAR: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");
const A4: (f32, f32) = (595.0, 842.0);
const MARGIN: f32 = 40.0;
const SIZE: f32 = 8.5;
const STEP: f32 = 15.0;
/// Room between two columns.
const GAP: f32 = 6.0;

/// Pages being written. Each keeps what is on it; the line at its foot is added when their number is known.
pub(super) struct Pages {
    head: Head,
    pdf: Pdf,
    next: i32,
    pages: Vec<(Ref, Ref)>,
    content: Content,
    y: f32,
    shaded: bool,
}

impl Pages {
    pub(super) fn new(head: Head) -> Self {
        let mut pages = Self {
            head,
            pdf: Pdf::new(),
            next: 6, // what belongs to the whole document has the first numbers
            pages: Vec::new(),
            content: Content::new(),
            y: 0.0,
            shaded: false,
        };
        pages.y = pages.size().1 - MARGIN - 12.0;
        pages.heading();
        pages.columns();
        pages
    }

    fn size(&self) -> (f32, f32) {
        if self.head.wide { (A4.1, A4.0) } else { A4 }
    }

    fn text(&mut self, font: Name<'_>, size: f32, x: f32, text: &[u8]) {
        self.content.begin_text().set_font(font, size).next_line(x, self.y).show(Str(text)).end_text();
    }

    fn heading(&mut self) {
        let issuer = bytes(&self.head.issuer);
        self.text(BOLD, 10.0, MARGIN, &issuer);
        self.y -= 26.0;
        let title = bytes(&self.head.title);
        self.text(BOLD, 16.0, MARGIN, &title);
        self.y -= 22.0;
        for (name, value) in std::mem::take(&mut self.head.facts) {
            self.text(REGULAR, 9.0, MARGIN, &bytes(name));
            let room = self.size().0 - 2.0 * MARGIN - 110.0;
            self.text(BOLD, 9.0, MARGIN + 110.0, &fitting(&value, 9.0, room));
            self.y -= 13.0;
        }
        self.y -= 10.0;
    }

    /// The columns a page has, each with where it begins and how much room it has.
    fn layout(&self) -> Vec<(usize, f32, f32)> {
        let all = self.size().0 - 2.0 * MARGIN;
        let mut x = MARGIN;
        let mut places = Vec::new();
        for (at, column) in self.head.columns.iter().enumerate().filter(|(_, column)| column.width > 0) {
            let room = all * f32::from(column.width) / 100.0;
            places.push((at, x, room - GAP));
            x += room;
        }
        places
    }

    fn put(&mut self, font: Name<'_>, text: &str, x: f32, room: f32, right: bool) {
        let shown = fitting(text, SIZE, room);
        let x = if right { x + room - width(&shown, SIZE) } else { x };
        self.text(font, SIZE, x, &shown);
    }

    fn columns(&mut self) {
        for (at, x, room) in self.layout() {
            let Column { title, money, .. } = self.head.columns[at];
            self.put(BOLD, title, x, room - if money { 4.0 } else { 0.0 }, money);
        }
        self.y -= 5.0;
        self.rule();
        self.y -= STEP - 5.0;
    }

    fn rule(&mut self) {
        let right = self.size().0 - MARGIN;
        self.content.set_line_width(0.6).move_to(MARGIN, self.y).line_to(right, self.y).stroke();
    }

    /// Turns the page when less than `room` is left above the foot.
    fn turn(&mut self, room: f32) {
        if self.y - room >= MARGIN + 10.0 {
            return;
        }
        self.close_page();
        self.y = self.size().1 - MARGIN - 12.0;
        self.shaded = false;
        self.columns();
    }

    pub(super) fn line(&mut self, cells: &[Cell]) {
        self.turn(0.0);
        if self.shaded {
            let (wide, y) = (self.size().0 - 2.0 * MARGIN, self.y - 4.5);
            self.content.set_fill_gray(0.94).rect(MARGIN - 2.0, y, wide + 4.0, STEP).fill_nonzero().set_fill_gray(0.0);
        }
        self.shaded = !self.shaded;
        for (at, x, room) in self.layout() {
            let Some(cell) = cells.get(at) else { continue };
            let right = self.head.columns[at].money || matches!(cell, Cell::Whole(_));
            let shown = self.shown(cell);
            self.put(REGULAR, &shown, x, room, right);
        }
        self.y -= STEP;
    }

    fn shown(&self, cell: &Cell) -> String {
        let at = if self.head.language == "fr" { "%d/%m/%Y %H:%M" } else { "%Y-%m-%d %H:%M" };
        match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Whole(number) => grouped(number.to_string()),
            Cell::Money(amount) => self.amount(*amount),
            Cell::At(when) => when.with_timezone(&self.head.zone).format(at).to_string(),
            Cell::Day(day) => day.format(at.split(' ').next().unwrap_or_default()).to_string(),
        }
    }

    /// An amount as it is read aloud: thousands apart, and the decimal sign of the language.
    fn amount(&self, money: Money) -> String {
        let plain = super::decimal(money);
        let (whole, part) = plain.split_once('.').map_or((plain.as_str(), None), |(whole, part)| (whole, Some(part)));
        let sign = if self.head.language == "fr" { ',' } else { '.' };
        let part = part.map(|part| format!("{sign}{part}")).unwrap_or_default();
        format!("{}{part}\u{a0}{}", grouped(whole.to_owned()), money.currency)
    }

    fn close_page(&mut self) {
        let (page, content) = (Ref::new(self.next), Ref::new(self.next + 1));
        self.next += 3; // the third is the line at the foot
        let written = std::mem::replace(&mut self.content, Content::new());
        self.pdf.stream(content, &written.finish());
        self.pages.push((page, content));
    }

    pub(super) fn finish(mut self, totals: &[Total]) -> Vec<u8> {
        self.turn(STEP * (totals.len() + 1) as f32);
        self.y += STEP - 5.0;
        self.rule();
        self.y -= STEP;
        let (right, all) = (self.size().0 - MARGIN, self.size().0 - 2.0 * MARGIN);
        for total in totals {
            self.turn(0.0);
            self.put(BOLD, &total.name, MARGIN, all * 0.6, false);
            let amount = self.amount(total.amount);
            self.put(BOLD, &amount, MARGIN + all * 0.6, right - MARGIN - all * 0.6 - GAP, true);
            self.y -= STEP;
        }
        self.close_page();
        self.bind()
    }

    /// What holds the pages together, and the line at the foot of each.
    fn bind(mut self) -> Vec<u8> {
        let [catalog, tree, regular, bold, info] = [1, 2, 3, 4, 5].map(Ref::new);
        let (wide, high) = self.size();
        let pages = std::mem::take(&mut self.pages);
        for (number, (page, content)) in (1..).zip(&pages) {
            let foot = Ref::new(content.get() + 1);
            let mut line = Content::new();
            let shown = bytes(&format!("{} {number}/{}", self.head.page, pages.len()));
            let x = wide - MARGIN - width(&shown, 8.0);
            line.begin_text().set_font(REGULAR, 8.0).next_line(x, MARGIN - 14.0).show(Str(&shown)).end_text();
            self.pdf.stream(foot, &line.finish());
            let mut sheet = self.pdf.page(*page);
            sheet.media_box(Rect::new(0.0, 0.0, wide, high)).parent(tree).contents_array([*content, foot]);
            sheet.resources().fonts().pair(REGULAR, regular).pair(BOLD, bold);
            sheet.finish();
        }
        self.pdf.catalog(catalog).pages(tree).lang(TextStr(&self.head.language));
        let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
        self.pdf.pages(tree).kids(pages.iter().map(|(page, _)| *page)).count(count);
        for (font, name) in [(regular, "Helvetica"), (bold, "Helvetica-Bold")] {
            let mut font = self.pdf.type1_font(font);
            font.base_font(Name(name.as_bytes())).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        let title = format!("{} – {}", self.head.title, self.head.issuer);
        self.pdf.document_info(info).title(TextStr(&title)).producer(TextStr("Teranga"));
        self.pdf.finish()
    }
}

/// Digits in groups of three, apart by spaces that do not break.
fn grouped(whole: String) -> String {
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole.as_str()), |digits| ("-", digits));
    let mut shown = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            shown.push('\u{a0}');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        for (plain, shown) in
            [("7", "7"), ("1000", "1\u{a0}000"), ("-1234567", "-1\u{a0}234\u{a0}567"), ("-100", "-100")]
        {
            assert_eq!(grouped(plain.to_owned()), shown);
        }
    }
}
