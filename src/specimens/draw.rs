//! A sheet of paper on a desk, with lines that look like writing.

use image::{Rgb, RgbImage};

use super::letters;

const DESK: Rgb<u8> = Rgb([138, 144, 153]);
const INK: Rgb<u8> = Rgb([40, 42, 48]);
const RED: Rgb<u8> = Rgb([186, 32, 38]);
const WHITE: Rgb<u8> = Rgb([252, 252, 252]);
const MARGIN: u32 = 60;
const LINE: u32 = 58;
/// A character of what looks like Chinese.
const GLYPH: u32 = 22;

/// One line of writing.
pub enum Row<'a> {
    /// So many characters that say nothing.
    Words(u32),
    /// A few characters, and a value that can be read.
    Value(&'a str),
}

pub struct Sheet {
    picture: RgbImage,
    /// Where the next line goes.
    down: u32,
    /// Makes the lines of one sheet other than those of another.
    seed: u32,
}

impl Sheet {
    /// A page, upright.
    pub fn new(title: &str, paper: [u8; 3], seed: u32) -> Sheet {
        Sheet::of_size(900, 1240, title, paper, seed)
    }

    /// A card, lying.
    pub fn card(title: &str, paper: [u8; 3], seed: u32) -> Sheet {
        Sheet::of_size(900, 600, title, paper, seed + 1000)
    }

    fn of_size(width: u32, height: u32, title: &str, paper: [u8; 3], seed: u32) -> Sheet {
        let mut sheet = Sheet { picture: RgbImage::from_pixel(width, height, DESK), down: MARGIN * 3, seed };
        sheet.block(MARGIN / 2, MARGIN / 2, width - MARGIN, height - MARGIN, Rgb(paper));
        sheet.write(title, MARGIN + 20, MARGIN + 10, 7);
        sheet
    }

    pub fn row(&mut self, row: Row<'_>) {
        let (left, down) = (MARGIN + 20, self.down);
        match row {
            Row::Words(count) => self.words(count, left, down),
            Row::Value(value) => {
                self.words(6, left, down);
                self.write(value, left + 7 * (GLYPH + 4), down, 3);
            }
        }
        self.down += LINE;
    }

    /// In the upper right corner.
    pub fn qr(&mut self, says: &str) {
        const MODULE: u32 = 6;
        const QUIET: u32 = 4;
        let Ok(drawn) = qrcode::QrCode::new(says) else { return };
        let side = u32::try_from(drawn.width()).unwrap_or_default();
        let whole = (side + 2 * QUIET) * MODULE;
        let (left, top) = (self.picture.width() - MARGIN - whole, MARGIN);
        self.block(left, top, whole, whole, WHITE);
        for (module, colour) in (0..).zip(drawn.to_colors()) {
            if colour == qrcode::Color::Dark {
                let (x, y) =
                    (left + (module % side + QUIET) * MODULE, top + (module / side + QUIET) * MODULE);
                self.block(x, y, MODULE, MODULE, INK);
            }
        }
    }

    /// A round red seal in the lower right corner: a ring, and something in its middle.
    pub fn seal(&mut self) {
        let (x, y) = (i64::from(self.picture.width()) - 220, i64::from(self.picture.height()) - 220);
        for (dx, dy) in (-100..=100).flat_map(|dx| (-100..=100).map(move |dy| (dx, dy))) {
            let away = dx * dx + dy * dy;
            let ring = (90 * 90..=98 * 98).contains(&away) || away < 26 * 26;
            if ring && let (Ok(x), Ok(y)) = (u32::try_from(x + dx), u32::try_from(y + dy)) {
                self.dot(x, y, RED);
            }
        }
    }

    pub fn picture(self) -> RgbImage {
        self.picture
    }

    fn words(&mut self, count: u32, left: u32, top: u32) {
        for nth in 0..count {
            self.glyph(left + nth * (GLYPH + 4), top, self.seed.wrapping_mul(31).wrapping_add(top + nth * 7));
        }
    }

    /// Strokes across and down, other ones for another number.
    fn glyph(&mut self, left: u32, top: u32, number: u32) {
        let bits = number.wrapping_mul(2_654_435_761).rotate_left(13);
        for stroke in 0..4 {
            if bits >> stroke & 1 == 1 {
                self.block(left, top + stroke * 6, GLYPH, 2, INK);
            }
            if bits >> (stroke + 8) & 1 == 1 {
                self.block(left + stroke * 6, top, 2, GLYPH, INK);
            }
        }
        self.block(left + 3, top + GLYPH / 2, GLYPH - 6, 2, INK);
    }

    fn write(&mut self, text: &str, left: u32, top: u32, size: u32) {
        for (nth, letter) in (0..).zip(text.chars()) {
            for (x, y) in letters::dots(letter) {
                self.block(left + (nth * 6 + x) * size, top + y * size, size, size, INK);
            }
        }
    }

    fn block(&mut self, left: u32, top: u32, width: u32, height: u32, colour: Rgb<u8>) {
        for (x, y) in (left..left + width).flat_map(|x| (top..top + height).map(move |y| (x, y))) {
            self.dot(x, y, colour);
        }
    }

    /// What would be beside the picture isn't drawn.
    fn dot(&mut self, x: u32, y: u32, colour: Rgb<u8>) {
        if let Some(dot) = self.picture.get_pixel_mut_checked(x, y) {
            *dot = colour;
        }
    }
}
