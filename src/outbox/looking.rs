//! What a look at a picture's dots tells: whether a person could read it, and what a QR code on it says.
//!
//! The measures are simple and their limits are names below. They are there to ask for a better picture while the
//! follower still has the paper in hand; staff may take one that was found wanting all the same.

use std::io::Cursor;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use image::imageops::{FilterType, resize, thumbnail};
use image::{GrayImage, ImageFormat, ImageReader, Limits};

use crate::domain::claim::invoice_code;
use crate::domain::media::record::{Flaw, Look};
use crate::store::Sealed;

/// A phone's usual picture has 12 million. What is larger is kept and left to people: decoding takes up to nine bytes
/// a dot.
const DOTS_MAX: u64 = 25_000_000;
const SIDE_MAX: u32 = 20_000;
const DECODING_BYTES_MAX: u64 = 256 << 20;

/// Less than this, and the lines of a page are no longer letters.
const SHORT_SIDE_MIN: u32 = 320;
const LONG_SIDE_MIN: u32 = 480;

/// Light and sharpness are measured on a copy of this size, on which a picture's grain is gone.
const MEASURED_SIDE: u32 = 800;
/// Light goes from 0 to 255. A dark picture has no bright place: mean and twice the spread stay below this.
const DARK_BELOW: f64 = 70.0;
/// A picture with too much light is white all over.
const BRIGHT_ABOVE: f64 = 225.0;
const BRIGHT_SPREAD_MAX: f64 = 8.0;
/// Paper is mostly empty, so the sharpest parts tell: so many tiles each way, and which share of them counts.
const TILES: u32 = 8;
const SHARPEST_SHARE: usize = 8;
/// The variance of the Laplacian: hundreds where letters are sharp, a few where they run together.
const SHARP_ABOVE: f64 = 60.0;

/// Sizes on which a QR code is looked for: a photo of a page, one of the code alone, a code that is small on the page.
const QR_SIDES: [u32; 3] = [1200, 700, 2000];
/// A small picture is looked at twice as large, too.
const QR_ENLARGED_BELOW: u32 = 700;
/// Every three corners of codes are compared: where a picture has thousands that takes minutes or longer, which others don't wait for.
const CODE_TAKES_MAX: Duration = Duration::from_secs(20);
/// What goes on all the same, for a thread can't be stopped. While anything does, nothing more is begun.
static LATE: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());
/// No invoice's code is as long.
const QR_BYTES_MAX: usize = 1_000;

/// What came is no picture, or only the beginning of one.
#[derive(Debug, thiserror::Error)]
#[error("what came is no picture: {0}")]
pub struct NoPicture(String);

/// Takes up to a second and 256 MB: not for where others wait.
pub fn look(content: &[u8]) -> Result<Look, NoPicture> {
    let no_picture = |error: String| NoPicture(error);
    let reader = ImageReader::new(Cursor::new(content)).with_guessed_format();
    let reader = reader.map_err(|error| no_picture(error.to_string()))?;
    if reader.format().is_none_or(|format| !format.reading_enabled()) {
        return Ok(Look::default()); // a kind of picture that is kept, and not looked at
    }
    if reader.format() == Some(ImageFormat::Jpeg) && is_cut_short(content) {
        return Err(NoPicture("only the beginning of one".to_owned()));
    }
    let (width, height) = reader.into_dimensions().map_err(|error| no_picture(error.to_string()))?;
    let mut seen = Look { width, height, ..Look::default() };
    if u64::from(width) * u64::from(height) > DOTS_MAX || width.max(height) > SIDE_MAX {
        return Ok(seen);
    }
    if width.min(height) < SHORT_SIDE_MIN || width.max(height) < LONG_SIDE_MIN {
        seen.flaw = Some(Flaw::TooSmall);
    }
    let grey = decode(content).map_err(|error| no_picture(error.to_string()))?;
    seen.flaw = seen.flaw.or_else(|| flaw(&grey));
    seen.code = in_time(&LATE, CODE_TAKES_MAX, move || code(&grey)).map(Sealed::new);
    Ok(seen)
}

/// Decoders take the beginning of a JPEG for all of it, and make the rest grey.
fn is_cut_short(jpeg: &[u8]) -> bool {
    const SCAN: u8 = 0xda;
    let mut at = 2;
    // What comes before the first scan says how long it is, and may hold a small picture of its own.
    while let Some(&[0xff, marker, high, low]) = jpeg.get(at..).and_then(<[u8]>::first_chunk) {
        if marker == SCAN {
            return !jpeg.get(at..).unwrap_or_default().windows(2).any(|two| two == [0xff, 0xd9]);
        }
        let is_filling = marker == 0xff;
        at += if is_filling { 1 } else { 2 + usize::from(u16::from_be_bytes([high, low])) };
    }
    false
}

fn decode(content: &[u8]) -> image::ImageResult<GrayImage> {
    let mut reader = ImageReader::new(Cursor::new(content)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODING_BYTES_MAX);
    reader.limits(limits);
    Ok(reader.decode()?.into_luma8())
}

fn flaw(grey: &GrayImage) -> Option<Flaw> {
    let small = scaled(grey, MEASURED_SIDE);
    let (mean, spread) = light(&small);
    if mean + 2.0 * spread < DARK_BELOW {
        Some(Flaw::TooDark)
    } else if mean > BRIGHT_ABOVE && spread < BRIGHT_SPREAD_MAX {
        Some(Flaw::TooBright)
    } else if sharpness(&small) < SHARP_ABOVE {
        Some(Flaw::Blurred)
    } else {
        None
    }
}

/// A copy whose longer side is at most so long.
fn scaled(grey: &GrayImage, side: u32) -> GrayImage {
    let longer = grey.width().max(grey.height());
    if longer <= side {
        return grey.clone();
    }
    let part = |length: u32| {
        let scaled = u64::from(length) * u64::from(side) / u64::from(longer);
        u32::try_from(scaled).unwrap_or(side).max(1)
    };
    thumbnail(grey, part(grey.width()), part(grey.height()))
}

/// Mean and spread (standard deviation) of the light.
fn light(grey: &GrayImage) -> (f64, f64) {
    let mut sums = Sums::default();
    grey.as_raw().iter().for_each(|dot| sums.add(f64::from(*dot)));
    (sums.mean(), sums.variance().sqrt())
}

/// How sharp the sharpest eighth of the tiles is.
fn sharpness(grey: &GrayImage) -> f64 {
    let mut tiles: Vec<f64> = Vec::new();
    for down in 0..TILES {
        for across in 0..TILES {
            let columns = (across * grey.width() / TILES)..((across + 1) * grey.width() / TILES);
            let rows = (down * grey.height() / TILES)..((down + 1) * grey.height() / TILES);
            tiles.push(laplacian(grey, columns, rows));
        }
    }
    tiles.sort_by(|a, b| b.total_cmp(a));
    tiles.get(tiles.len() / SHARPEST_SHARE).copied().unwrap_or_default()
}

/// The variance of what a dot differs from its four neighbours by.
fn laplacian(grey: &GrayImage, columns: std::ops::Range<u32>, rows: std::ops::Range<u32>) -> f64 {
    let at = |x: u32, y: u32| grey.get_pixel_checked(x, y).map(|dot| f64::from(dot.0[0]));
    let differs = |x: u32, y: u32| {
        let around = at(x.checked_sub(1)?, y)? + at(x + 1, y)? + at(x, y.checked_sub(1)?)? + at(x, y + 1)?;
        Some(around - 4.0 * at(x, y)?)
    };
    let mut sums = Sums::default();
    for y in rows {
        columns.clone().filter_map(|x| differs(x, y)).for_each(|differs| sums.add(differs));
    }
    sums.variance()
}

#[derive(Default)]
struct Sums {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    fn mean(&self) -> f64 {
        self.sum / self.count.max(1.0)
    }

    fn variance(&self) -> f64 {
        (self.squares / self.count.max(1.0) - self.mean() * self.mean()).max(0.0)
    }
}

/// What is found within the limit.
fn in_time<T: Send + 'static>(
    late: &Mutex<Vec<JoinHandle<()>>>,
    limit: Duration,
    seek: impl FnOnce() -> Option<T> + Send + 'static,
) -> Option<T> {
    let late = || late.lock().unwrap_or_else(PoisonError::into_inner);
    late().retain(|thread| !thread.is_finished());
    if !late().is_empty() {
        tracing::warn!("no code is looked for: on an earlier picture that goes on still");
        return None;
    }
    let (tell, told) = mpsc::channel();
    let thread = std::thread::spawn(move || _ = tell.send(seek()));
    match told.recv_timeout(limit) {
        Ok(found) => found,
        Err(RecvTimeoutError::Timeout) => {
            tracing::error!("no code was found on a picture in time");
            late().push(thread);
            None
        }
        Err(RecvTimeoutError::Disconnected) => None, // it panicked
    }
}

/// What a QR code says that can be read: an invoice's, if there is one, for others may stand beside it.
fn code(grey: &GrayImage) -> Option<String> {
    let longer = grey.width().max(grey.height());
    let mut sides: Vec<u32> = QR_SIDES.iter().map(|side| (*side).min(longer)).collect();
    sides.dedup();
    let found = best(sides.into_iter().flat_map(|side| codes_on(&scaled(grey, side))));
    found.or_else(|| {
        let small = longer < QR_ENLARGED_BELOW;
        let enlarged = small.then(|| resize(grey, grey.width() * 2, grey.height() * 2, FilterType::Triangle));
        enlarged.and_then(|enlarged| best(codes_on(&enlarged)))
    })
}

/// The first that is an invoice's, or else the first.
fn best(codes: impl IntoIterator<Item = String>) -> Option<String> {
    let mut first = None;
    for code in codes {
        if invoice_code::parse(&code).is_some() {
            return Some(code);
        }
        first.get_or_insert(code);
    }
    first
}

fn codes_on(grey: &GrayImage) -> Vec<String> {
    let (width, raw) = (grey.width() as usize, grey.as_raw());
    let dot = |x: usize, y: usize| raw.get(y * width + x).copied().unwrap_or(u8::MAX);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, grey.height() as usize, dot);
    let said = prepared.detect_grids().into_iter().filter_map(|grid| grid.decode().ok());
    said.map(|(_, text)| text).filter(|text| (1..=QR_BYTES_MAX).contains(&text.len())).collect()
}

#[cfg(test)]
mod tests {
    use image::Luma;
    use image::imageops::blur;
    use proptest::prelude::*;

    use super::*;

    const SAYS: &str = "01,01,33060126,0012345678,a1b2c3,20260805,12345.00";

    /// A page of letters, or of what looks like them from afar: dark strokes on grey paper.
    fn page(width: u32, height: u32) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| {
            let is_line = y % 40 < 18 && x > width / 10 && x < width * 8 / 10 && y > height / 10;
            let is_stroke = (x / 4 + y / 6 * 7) % 3 == 0;
            Luma([if is_line && is_stroke { 40 } else { 215 }])
        })
    }

    /// A QR code at a place of the page.
    fn with_code(page: GrayImage, module: u32, left: u32, top: u32) -> GrayImage {
        with(SAYS, page, module, left, top)
    }

    fn with(says: &str, mut page: GrayImage, module: u32, left: u32, top: u32) -> GrayImage {
        let drawn = qrcode::QrCode::new(says).unwrap();
        let (colors, side) = (drawn.to_colors(), drawn.width() as u32);
        for (x, y) in (0..(side + 8) * module).flat_map(|x| (0..(side + 8) * module).map(move |y| (x, y))) {
            let (column, row) = ((x / module).wrapping_sub(4), (y / module).wrapping_sub(4));
            let inside = column < side && row < side;
            let dark = inside && colors[(row * side + column) as usize] == qrcode::Color::Dark;
            page.put_pixel(left + x, top + y, Luma([if dark { 30 } else { 220 }]));
        }
        page
    }

    fn written(picture: &GrayImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    fn seen(picture: &GrayImage) -> Look {
        look(&written(picture, ImageFormat::Jpeg)).unwrap()
    }

    #[test]
    fn a_good_picture_has_no_flaw_in_any_format() {
        let page = page(900, 1200);
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let look = look(&written(&page, format)).unwrap();
            assert_eq!((look.width, look.height, look.flaw), (900, 1200, None), "{format:?}");
            assert!(look.code.is_none());
        }
    }

    #[test]
    fn each_flaw_is_seen() {
        let good = page(900, 1200);
        let map = |change: fn(u8) -> u8| {
            GrayImage::from_fn(900, 1200, |x, y| Luma([change(good.get_pixel(x, y).0[0])]))
        };
        assert_eq!(seen(&page(300, 400)).flaw, Some(Flaw::TooSmall));
        assert_eq!(seen(&map(|dot| dot / 8)).flaw, Some(Flaw::TooDark));
        assert_eq!(seen(&map(|dot| 245 + dot / 30)).flaw, Some(Flaw::TooBright));
        assert_eq!(seen(&blur(&good, 12.0)).flaw, Some(Flaw::Blurred));
        assert_eq!(seen(&blur(&good, 0.8)).flaw, None, "a hand is never quite still");
        assert_eq!(seen(&map(|dot| dot / 2)).flaw, None, "an evening's light will do");
    }

    #[test]
    fn a_page_with_few_words_is_no_blurred_one() {
        let mut page = GrayImage::from_pixel(900, 1200, Luma([200]));
        for (x, y, dot) in self::page(900, 1200).enumerate_pixels().filter(|(_, y, _)| *y < 500) {
            page.put_pixel(x, y, *dot);
        }
        assert_eq!(seen(&page).flaw, None);
    }

    #[test]
    fn a_qr_code_is_read_wherever_and_however_large_it_is() {
        for (module, width, height) in [(3, 1000, 1400), (8, 1600, 2000), (6, 700, 500), (2, 500, 640)] {
            let look = seen(&with_code(page(width, height), module, width / 3, height / 4));
            assert_eq!(look.code.map(Sealed::into_revealed).as_deref(), Some(SAYS), "{width}x{height}");
        }
    }

    #[test]
    fn of_several_codes_the_invoices_is_read() {
        for (left, other) in [(100, 900), (900, 100)] {
            let page = with("https://weixin.qq.com/r/abc", page(1600, 2000), 8, left, 200);
            let look = seen(&with_code(page, 8, other, 1200));
            assert_eq!(look.code.map(Sealed::into_revealed).as_deref(), Some(SAYS));
        }
        let look = seen(&with("https://weixin.qq.com/r/abc", page(1600, 2000), 8, 500, 500));
        assert_eq!(look.code.map(Sealed::into_revealed).as_deref(), Some("https://weixin.qq.com/r/abc"));
    }

    #[test]
    fn what_takes_too_long_is_not_waited_for_and_not_begun_again_while_it_goes_on() {
        let late = Mutex::new(Vec::new());
        let (go_on, wait) = mpsc::channel::<()>();
        let endless = move || wait.recv().ok().map(|()| 1);
        assert_eq!(in_time(&late, Duration::from_millis(20), endless), None);
        assert_eq!(in_time(&late, Duration::from_secs(60), || Some(2)), None);
        drop(go_on);
        while !late.lock().unwrap().iter().all(JoinHandle::is_finished) {
            std::thread::yield_now();
        }
        assert_eq!(in_time(&late, Duration::from_secs(60), || Some(2)), Some(2));
        let panics = || -> Option<u8> { panic!("a decoder tripped") };
        assert_eq!(in_time(&late, Duration::from_secs(60), panics), None);
    }

    #[test]
    fn what_is_too_large_is_measured_and_not_decoded() {
        // The header of a PNG that says it has 20,000 dots each way, and nothing behind it to decode.
        let mut png = written(&page(40, 40), ImageFormat::Png);
        png[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
        let crc = crc32fast::hash(&png[12..29]).to_be_bytes();
        png[29..33].copy_from_slice(&crc);
        let look = look(&png).unwrap();
        assert_eq!(look, Look { width: 20_000, height: 20_000, flaw: None, code: None });
    }

    #[test]
    fn what_is_no_picture_is_said_to_be_none() {
        assert!(
            look(b"<html>").is_ok_and(|look| look == Look::default()),
            "an unknown kind is judged elsewhere"
        );
        assert!(look(b"\xff\xd8\xff\xe0 a discharge letter").is_err());
        let whole = written(&page(600, 800), ImageFormat::Png);
        assert!(look(&whole[..whole.len() / 2]).is_err(), "half a picture");
        let mut whole = written(&page(600, 800), ImageFormat::Jpeg);
        for part in [whole.len() / 2, whole.len() - 2] {
            assert!(look(&whole[..part]).is_err(), "{part} of {} bytes", whole.len());
        }
        whole.extend([0xff, 0xda, 0, 1]);
        assert_eq!(look(&whole).unwrap().flaw, None, "what a phone puts behind it is none of it");
    }

    proptest! {
        #[test]
        fn damage_is_no_panic(at in 0usize..4_000, byte: u8) {
            let mut picture = written(&page(64, 64), ImageFormat::Jpeg);
            let at = at % picture.len();
            picture[at] = byte;
            _ = look(&picture);
        }
    }
}
