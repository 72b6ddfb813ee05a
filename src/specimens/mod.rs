//! Pictures of papers, drawn when they are asked for: what a follower would photograph for a claim, with an invoice's
//! QR code that can be read, and a few that are no good. Nobody's papers.

mod draw;
mod letters;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{blur, thumbnail};
use image::{Rgb, RgbImage};
use jiff::ToSpan;
use jiff::civil::{Date, date};

use draw::{Row, Sheet};

const JPEG_QUALITY: u8 = 85;

/// The day that papers are drawn for where nothing says another: stories have it.
pub const USUAL_DAY: Date = date(2026, 11, 25);

pub struct Specimen {
    /// As addresses have it.
    pub key: &'static str,
    label: &'static str,
    /// Days that the paper tells, each so many days before the day that it is drawn for.
    tells: &'static [i32],
    sheet: fn(Date) -> RgbImage,
}

impl Specimen {
    /// What it is, and the days that it tells: who claims with it has to say them.
    pub fn label(&self, day: Date) -> String {
        let told: Vec<String> = self
            .tells
            .iter()
            .map(|ago| before(day, *ago))
            .map(|day| format!("{}月{}日", day.month(), day.day()))
            .collect();
        if told.is_empty() { self.label.to_owned() } else { format!("{} {}", self.label, told.join("至")) }
    }
}

/// In days before the day that the papers are drawn for: a stay, what was found in it, and another stay.
const FIRST_ADMITTED: i32 = 112;
const FOUND: i32 = 106;
const FIRST_DISCHARGED: i32 = 97;
const SECOND_ADMITTED: i32 = 53;
const SECOND_DISCHARGED: i32 = 44;

fn before(day: Date, days: i32) -> Date {
    day.saturating_sub(days.days())
}

/// Digits alone, as papers have it here.
fn told(day: Date, ago: i32) -> String {
    before(day, ago).strftime("%Y%m%d").to_string()
}

pub const SPECIMENS: &[Specimen] = &[
    Specimen { key: "invoice", label: "住院发票", tells: &[], sheet: |day| invoice(&FIRST_STAY, day) },
    Specimen {
        key: "invoice-2",
        label: "住院发票（第二次）",
        tells: &[],
        sheet: |day| invoice(&SECOND_STAY, day),
    },
    Specimen { key: "settlement", label: "医保结算单", tells: &[], sheet: |_| settlement(1) },
    Specimen {
        key: "settlement-2", label: "医保结算单（第二次）", tells: &[], sheet: |_| settlement(2)
    },
    Specimen {
        key: "discharge",
        label: "出院小结",
        tells: &[FIRST_ADMITTED, FIRST_DISCHARGED],
        sheet: |day| discharge(1, day),
    },
    Specimen {
        key: "discharge-2",
        label: "出院小结（第二次）",
        tells: &[SECOND_ADMITTED, SECOND_DISCHARGED],
        sheet: |day| discharge(2, day),
    },
    Specimen { key: "record", label: "病历", tells: &[], sheet: record },
    Specimen { key: "report", label: "病理报告", tells: &[FOUND], sheet: report },
    Specimen { key: "sealed-form", label: "盖章的报告表", tells: &[], sheet: |_| sealed_form() },
    Specimen { key: "letter", label: "委托书", tells: &[], sheet: |_| letter() },
    Specimen {
        key: "identity",
        label: "身份证",
        tells: &[],
        sheet: |_| card("IDENTITY CARD", [223, 234, 244], 4),
    },
    Specimen {
        key: "bank-card",
        label: "银行卡",
        tells: &[],
        sheet: |_| card("BANK CARD", [200, 220, 205], 2),
    },
    Specimen { key: "dark", label: "太暗的照片", tells: &[], sheet: dark },
    Specimen {
        key: "blurred", label: "模糊的照片", tells: &[], sheet: |day| blur(&discharge(1, day), 9.0)
    },
    Specimen {
        key: "tiny",
        label: "太小的照片",
        tells: &[],
        sheet: |day| thumbnail(&discharge(1, day), 180, 240),
    },
];

/// A JPEG, the same at every call with the same day. `None`: no specimen has that key.
pub fn jpeg(key: &str, day: Date) -> Option<Bytes> {
    let specimen = SPECIMENS.iter().find(|known| known.key == key)?;
    let (picture, mut out) = ((specimen.sheet)(day), Vec::new());
    JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY).encode_image(&picture).ok()?;
    Some(Bytes::from(out))
}

/// What an invoice says.
struct Bill {
    code: &'static str,
    number: &'static str,
    check: &'static str,
    /// So many days before the day that it is drawn for.
    ago: i32,
    amount: &'static str,
}

const FIRST_STAY: Bill = Bill {
    code: "33020126",
    number: "0020260801",
    check: "a7c3e1",
    ago: FIRST_DISCHARGED,
    amount: "18600.00",
};
const SECOND_STAY: Bill = Bill {
    code: "33020126",
    number: "0020261002",
    check: "b4d2f8",
    ago: SECOND_DISCHARGED,
    amount: "9200.00",
};

impl Bill {
    /// As the QR code of a digital medical invoice has it.
    fn qr(&self, drawn: Date) -> String {
        let Bill { code, number, check, ago, amount } = self;
        let day = told(drawn, *ago);
        format!("01,01,{code},{number},{check},{day},{amount}")
    }
}

fn invoice(bill: &Bill, day: Date) -> RgbImage {
    let mut sheet = Sheet::new("INVOICE", [251, 247, 234], 1);
    sheet.qr(&bill.qr(day));
    for value in [bill.code, bill.number, bill.check, &told(day, bill.ago)] {
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

fn discharge(stay: u32, day: Date) -> RgbImage {
    let mut sheet = Sheet::new("DISCHARGE NOTE", [246, 246, 246], 10 + stay);
    let days =
        if stay == 1 { [FIRST_ADMITTED, FIRST_DISCHARGED] } else { [SECOND_ADMITTED, SECOND_DISCHARGED] };
    days.into_iter().for_each(|ago| sheet.row(Row::Value(&told(day, ago))));
    for words in [28, 26, 28, 28, 14, 28, 27, 28, 9] {
        sheet.row(Row::Words(words));
    }
    sheet.picture()
}

fn record(day: Date) -> RgbImage {
    let mut sheet = Sheet::new("MEDICAL RECORD", [247, 246, 240], 15);
    sheet.row(Row::Value(&told(day, FIRST_ADMITTED)));
    for words in [28, 12, 28, 28, 25, 28, 18, 28, 11] {
        sheet.row(Row::Words(words));
    }
    sheet.picture()
}

fn report(day: Date) -> RgbImage {
    let mut sheet = Sheet::new("PATHOLOGY", [244, 247, 250], 20);
    sheet.row(Row::Value(&told(day, FOUND)));
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

fn dark(day: Date) -> RgbImage {
    let mut picture = discharge(1, day);
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
            SPECIMENS.iter().map(|known| jpeg(known.key, USUAL_DAY).unwrap().to_vec()).collect();
        assert_eq!(drawn.len(), SPECIMENS.len());
        assert_eq!(jpeg("identity", USUAL_DAY), jpeg("identity", USUAL_DAY));
        assert!(jpeg("nothing", USUAL_DAY).is_none());
    }

    #[test]
    fn an_invoices_code_can_be_read() {
        let picture = image::load_from_memory(&jpeg("invoice", USUAL_DAY).unwrap()).unwrap().into_luma8();
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let dot = |x: usize, y: usize| picture.as_raw()[y * width + x];
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, dot);
        let (_, said) = prepared.detect_grids()[0].decode().unwrap();
        assert_eq!(said, "01,01,33020126,0020260801,a7c3e1,20260820,18600.00");
    }

    #[test]
    fn what_is_drawn_for_another_day_tells_other_days() {
        let of = |key: &str, day: Date| {
            SPECIMENS.iter().find(|known| known.key == key).map(|known| known.label(day)).unwrap()
        };
        assert_eq!(of("discharge", USUAL_DAY), "出院小结 8月5日至8月20日");
        assert_eq!(of("discharge", date(2027, 5, 1)), "出院小结 1月9日至1月24日");
        assert_eq!(of("letter", date(2027, 5, 1)), "委托书");
        assert_ne!(jpeg("report", USUAL_DAY), jpeg("report", date(2027, 5, 1)));
        assert_eq!(jpeg("letter", USUAL_DAY), jpeg("letter", date(2027, 5, 1)));
    }
}
