//! Premiums and benefits by month, drawn as SVG.

use std::error::Error;

use plotters::prelude::*;
use serde_json::Value;

const SIZE: (u32, u32) = (960, 480);
const PREMIUMS: RGBColor = RGBColor(0x1f, 0x6f, 0xb2);
const BENEFITS: RGBColor = RGBColor(0xd9, 0x5f, 0x02);

/// In yuan; a picture needs no fen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Month {
    name: String,
    premiums: f64,
    benefits: f64,
}

impl Month {
    pub(super) fn of(row: &Value) -> Month {
        let yuan = |name: &str| row[name].as_str().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        Month {
            name: row["name"].as_str().unwrap_or_default().to_owned(),
            premiums: yuan("premiums") - yuan("premiums_returned"),
            benefits: yuan("benefits") + yuan("special_benefits") - yuan("recovered"),
        }
    }
}

/// Two bars a month, on one scale.
pub(super) fn draw(months: &[Month]) -> Result<String, Box<dyn Error + Send + Sync>> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let sums = months.iter().flat_map(|month| [month.premiums, month.benefits]);
        let top = sums.fold(1.0_f64, f64::max) * 1.1;
        let width = months.len().max(1) as f64;
        let mut chart = ChartBuilder::on(&area)
            .caption("互助费与给付 (元)", ("sans-serif", 22))
            .margin(16)
            .x_label_area_size(36)
            .y_label_area_size(96)
            .build_cartesian_2d(0.0..width, 0.0..top)?;
        let name = |at: &f64| {
            let month = (*at).floor().max(0.0) as usize;
            months.get(month).map(|month| month.name.clone()).unwrap_or_default()
        };
        let yuan = |at: &f64| format!("{at:.0}");
        let mut mesh = chart.configure_mesh();
        mesh.disable_x_mesh().x_labels(months.len().clamp(1, 13)).x_label_formatter(&name);
        mesh.y_label_formatter(&yuan).draw()?;
        for (title, color, left, sum) in [
            ("互助费", PREMIUMS, 0.12, (|month: &Month| month.premiums) as fn(&Month) -> f64),
            ("给付", BENEFITS, 0.5, |month: &Month| month.benefits),
        ] {
            let bar = |(at, month): (usize, &Month)| {
                let x = at as f64 + left;
                Rectangle::new([(x, 0.0), (x + 0.38, sum(month).max(0.0))], color.filled())
            };
            chart
                .draw_series(months.iter().enumerate().map(bar))?
                .label(title)
                .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], color.filled()));
        }
        chart.configure_series_labels().border_style(BLACK).background_style(WHITE).draw()?;
        area.present()?;
    }
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_month_has_its_two_bars() {
        let row = |name, premiums, benefits| {
            Month::of(
                &json!({ "name": name, "premiums": premiums, "benefits": benefits, "recovered": "10.00" }),
            )
        };
        let months = [row("2026-10", "6000.00", "2900.00"), row("2026-11", "100.00", "0.00")];
        assert_eq!((months[0].premiums, months[0].benefits), (6_000.0, 2_890.0));
        let svg = draw(&months).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("2026-10") && svg.contains("互助费"));
        let bars = svg.matches("#1F6FB2").count() + svg.matches("#D95F02").count();
        assert_eq!(bars, 2 * 2 + 2, "and two in the legend");
        assert!(draw(&[]).is_ok());
    }
}
