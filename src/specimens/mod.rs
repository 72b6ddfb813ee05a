//! Pictures of papers, drawn when they are asked for: what a follower would photograph for a claim, with an invoice's
//! QR code that can be read, and a few that are no good. Nobody's papers.

mod draw;
mod letters;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{blur, thumbnail};
use image::{Rgb, RgbImage};

use draw::{Row, Sheet};

const JPEG_QUALITY: u8 = 85;

pub struct Specimen {
    /// As addresses have it.
    pub key: &'static str,
    pub label: &'static str,
    sheet: fn() -> RgbImage,
}

pub const SPECIMENS: &[Specimen] = &[
    Specimen { key: "invoice", label: "住院发票", sheet: || invoice(&FIRST_STAY) },
    Specimen { key: "invoice-2", label: "住院发票（第二次）", sheet: || invoice(&SECOND_STAY) },
    Specimen { key: "settlement", label: "医保结算单", sheet: || settlement(1) },
    Specimen { key: "settlement-2", label: "医保结算单（第二次）", sheet: || settlement(2) },
    Specimen { key: "discharge", label: "出院小结", sheet: || discharge(1) },
    Specimen { key: "discharge-2", label: "出院小结（第二次）", sheet: || discharge(2) },
    Specimen { key: "record", label: "病历", sheet: record },
    Specimen { key: "report", label: "病理报告", sheet: report },
    Specimen { key: "sealed-form", label: "盖章的报告表", sheet: sealed_form },
    Specimen { key: "letter", label: "委托书", sheet: letter },
    Specimen { key: "identity", label: "身份证", sheet: || card("IDENTITY CARD", [223, 234, 244], 4) },
    Specimen { key: "bank-card", label: "银行卡", sheet: || card("BANK CARD", [200, 220, 205], 2) },
    Specimen { key: "dark", label: "太暗的照片", sheet: dark },
    Specimen { key: "blurred", label: "模糊的照片", sheet: || blur(&discharge(1), 9.0) },
    Specimen { key: "tiny", label: "太小的照片", sheet: || thumbnail(&discharge(1), 180, 240) },
];

/// A JPEG, the same at every call. `None`: no specimen has that key.
pub fn jpeg(key: &str) -> Option<Bytes> {
    let specimen = SPECIMENS.iter().find(|known| known.key == key)?;
    let (picture, mut out) = ((specimen.sheet)(), Vec::new());
    JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY).encode_image(&picture).ok()?;
    Some(Bytes::from(out))
}

/// What an invoice says.
struct Bill {
    code: &'static str,
    number: &'static str,
    check: &'static str,
    day: &'static str,
    amount: &'static str,
}

const FIRST_STAY: Bill =
    Bill { code: "33020126", number: "0020260801", check: "a7c3e1", day: "20260820", amount: "18600.00" };
const SECOND_STAY: Bill =
    Bill { code: "33020126", number: "0020261002", check: "b4d2f8", day: "20261012", amount: "9200.00" };

impl Bill {
    /// As the QR code of a digital medical invoice has it.
    fn qr(&self) -> String {
        let Bill { code, number, check, day, amount } = self;
        format!("01,01,{code},{number},{check},{day},{amount}")
    }
}

fn invoice(bill: &Bill) -> RgbImage {
    let mut sheet = Sheet::new("INVOICE", [251, 247, 234], 1);
    sheet.qr(&bill.qr());
    for value in [bill.code, bill.number, bill.check, bill.day] {
        sheet.row(Row::Value(value));
    }
    for _ in 0..8 {
        sheet.row(Row::Words(26));
    }
    sheet.row(Row::Value(bill.amount));
    sheet.seal();
    sheet.picture()
}

fn settlement(stay: u32) -> RgbImage {
    let mut sheet = Sheet::new("SETTLEMENT", [248, 248, 244], 100 + stay);
    let values = if stay == 1 {
        ["18600.00", "10200.00", "2400.00", "6000.00"]
    } else {
        ["9200.00", "5700.00", "1000.00", "2500.00"]
    };
    values.into_iter().for_each(|value| sheet.row(Row::Value(value)));
    for words in [28, 20, 28, 24, 28, 12] {
        sheet.row(Row::Words(words));
    }
    sheet.seal();
    sheet.picture()
}

fn discharge(stay: u32) -> RgbImage {
    let mut sheet = Sheet::new("DISCHARGE NOTE", [246, 246, 246], 10 + stay);
    let days = if stay == 1 { ["20260805", "20260820"] } else { ["20261003", "20261012"] };
    days.into_iter().for_each(|day| sheet.row(Row::Value(day)));
    for words in [28, 26, 28, 28, 14, 28, 27, 28, 9] {
        sheet.row(Row::Words(words));
    }
    sheet.picture()
}

fn record() -> RgbImage {
    let mut sheet = Sheet::new("MEDICAL RECORD", [247, 246, 240], 15);
    sheet.row(Row::Value("20260805"));
    for words in [28, 12, 28, 28, 25, 28, 18, 28, 11] {
        sheet.row(Row::Words(words));
    }
    sheet.picture()
}

fn report() -> RgbImage {
    let mut sheet = Sheet::new("PATHOLOGY", [244, 247, 250], 20);
    sheet.row(Row::Value("20260811"));
    for words in [20, 28, 28, 16, 28, 22] {
        sheet.row(Row::Words(words));
    }
    sheet.picture()
}

fn sealed_form() -> RgbImage {
    let mut sheet = Sheet::new("REPORT FORM", [250, 250, 246], 30);
    for words in [12, 28, 16, 28, 28, 28, 20, 6] {
        sheet.row(Row::Words(words));
    }
    sheet.seal();
    sheet.picture()
}

fn letter() -> RgbImage {
    let mut sheet = Sheet::new("LETTER", [249, 249, 247], 40);
    for words in [28, 28, 28, 28, 18, 8] {
        sheet.row(Row::Words(words));
    }
    sheet.picture()
}

fn card(title: &str, colour: [u8; 3], rows: u32) -> RgbImage {
    let mut sheet = Sheet::card(title, colour, rows);
    for _ in 0..rows {
        sheet.row(Row::Words(12));
    }
    sheet.picture()
}

fn dark() -> RgbImage {
    let mut picture = discharge(1);
    for Rgb(colour) in picture.pixels_mut() {
        *colour = colour.map(|part| part / 9);
    }
    picture
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_specimen_is_a_picture_of_its_own_and_the_same_each_time() {
        let drawn: BTreeSet<Vec<u8>> =
            SPECIMENS.iter().map(|known| jpeg(known.key).unwrap().to_vec()).collect();
        assert_eq!(drawn.len(), SPECIMENS.len());
        assert_eq!(jpeg("identity"), jpeg("identity"));
        assert!(jpeg("nothing").is_none());
    }

    #[test]
    fn an_invoices_code_can_be_read() {
        let picture = image::load_from_memory(&jpeg("invoice").unwrap()).unwrap().into_luma8();
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let dot = |x: usize, y: usize| picture.as_raw()[y * width + x];
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, dot);
        let (_, said) = prepared.detect_grids()[0].decode().unwrap();
        assert_eq!(said, "01,01,33020126,0020260801,a7c3e1,20260820,18600.00");
    }
}
