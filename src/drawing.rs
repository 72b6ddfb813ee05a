//! A code as a picture that a till's scanner or a phone reads.

use bytes::Bytes;
use qrcode::{Color, EcLevel, QrCode};

/// Pixels a module; large enough for a phone held at arm's length.
const MODULE: usize = 10;
/// Modules of white around it, as the standard asks for.
const QUIET: usize = 4;

/// A QR code as a black and white PNG. `None`: the code is too long to be drawn.
pub fn qr_png(code: &str) -> Option<Bytes> {
    let drawn = QrCode::with_error_correction_level(code, EcLevel::M).ok()?;
    let (modules, width) = (drawn.to_colors(), drawn.width());
    let side = (width + 2 * QUIET) * MODULE;
    let is_dark = |x: usize, y: usize| {
        let (column, row) = ((x / MODULE).checked_sub(QUIET), (y / MODULE).checked_sub(QUIET));
        let inside = column.zip(row).filter(|(column, row)| *column < width && *row < width);
        inside.is_some_and(|(column, row)| modules.get(row * width + column) == Some(&Color::Dark))
    };
    let line_bytes = side.div_ceil(8);
    let mut pixels = vec![0xff_u8; line_bytes * side];
    for (y, line) in pixels.chunks_mut(line_bytes).enumerate() {
        for x in (0..side).filter(|x| is_dark(*x, y)) {
            if let Some(byte) = line.get_mut(x / 8) {
                *byte &= !(0x80 >> (x % 8));
            }
        }
    }
    encoded(side, &pixels)
}

fn encoded(side: usize, pixels: &[u8]) -> Option<Bytes> {
    let mut out = Vec::new();
    let side = u32::try_from(side).ok()?;
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(pixels).ok()?;
    writer.finish().ok()?;
    Some(Bytes::from(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_with_white_around_it() {
        let drawn = qr_png("0123456789ABCDEFG").unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&drawn[..])).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(
            (frame.width, frame.height),
            (290, 290),
            "21 modules and twice 4 of white, 10 pixels each"
        );
        let line = frame.line_size;
        assert!(pixels[..line * 40].iter().all(|byte| *byte == 0xff), "the quiet zone above");
        assert_eq!(pixels[line * 45 + 5], 0, "the corner pattern begins dark");
        assert_eq!(&drawn[..4], b"\x89PNG");
        assert!(qr_png(&"9".repeat(9000)).is_none());
    }
}
