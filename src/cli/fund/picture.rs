//! Premiums and benefits by month, drawn as SVG.

use std::collections::BTreeMap;
use std::error::Error;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use serde_json::Value;

const SIZE: (u32, u32) = (960, 480);
const PREMIUMS: RGBColor = RGBColor(0x1f, 0x6f, 0xb2);
const BENEFITS: RGBColor = RGBColor(0xd9, 0x5f, 0x02);

/// More names than so many stand on end.
const NAMES_ACROSS_MAX: usize = 12;

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

/// Every month from the first to the last, also those of which nothing is in the books.
fn without_gaps(months: &[Month]) -> Vec<Month> {
    let number = |month: &Month| {
        let (year, month) = month.name.split_once('-')?;
        Some(year.parse::<u32>().ok()? * 12 + month.parse::<u32>().ok()?.checked_sub(1)?)
    };
    let known: BTreeMap<u32, &Month> =
        months.iter().filter_map(|month| Some((number(month)?, month))).collect();
    let (Some((first, _)), Some((last, _))) = (known.first_key_value(), known.last_key_value()) else {
        return months.to_vec();
    };
    let empty = |at: u32| {
        let name = format!("{}-{:02}", at / 12, at % 12 + 1);
        Month { name, premiums: 0.0, benefits: 0.0 }
    };
    (*first..=*last).map(|at| known.get(&at).map_or_else(|| empty(at), |month| (*month).clone())).collect()
}

/// Two bars a month, on one scale; below zero where more came back than went out.
pub(super) fn draw(months: &[Month]) -> Result<String, Box<dyn Error + Send + Sync>> {
    let (mut svg, months) = (String::new(), without_gaps(months));
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let sums = || months.iter().flat_map(|month| [month.premiums, month.benefits]);
        // The legend stands above the highest bar.
        let top = sums().fold(1.0_f64, f64::max) * 1.25;
        let bottom = sums().fold(0.0_f64, f64::min) * 1.1;
        let width = months.len().max(1) as f64;
        let mut chart = ChartBuilder::on(&area)
            .caption("互助费与给付 (元)", ("sans-serif", 22))
            .margin(16)
            .x_label_area_size(64)
            .y_label_area_size(96)
            .build_cartesian_2d(0.0..width, bottom..top)?;
        let yuan = |at: &f64| format!("{at:.0}");
        let mut mesh = chart.configure_mesh();
        mesh.disable_x_mesh().x_labels(0).y_label_formatter(&yuan).draw()?;
        for (title, color, left, sum) in [
            ("互助费", PREMIUMS, 0.12, (|month: &Month| month.premiums) as fn(&Month) -> f64),
            ("给付", BENEFITS, 0.5, |month: &Month| month.benefits),
        ] {
            let bar = |(at, month): (usize, &Month)| {
                let x = at as f64 + left;
                Rectangle::new([(x, 0.0), (x + 0.38, sum(month))], color.filled())
            };
            chart
                .draw_series(months.iter().enumerate().map(bar))?
                .label(title)
                .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], color.filled()));
        }
        let style = ("sans-serif", 12).into_text_style(&area);
        let style = match months.len() {
            0..=NAMES_ACROSS_MAX => style.pos(Pos::new(HPos::Center, VPos::Top)),
            _ => style.transform(FontTransform::Rotate90).pos(Pos::new(HPos::Left, VPos::Center)),
        };
        for (at, month) in months.iter().enumerate() {
            let (x, y) = chart.backend_coord(&(at as f64 + 0.5, bottom));
            area.draw_text(&month.name, &style, (x, y + 6))?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .border_style(BLACK)
            .background_style(WHITE)
            .draw()?;
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

    #[test]
    fn each_month_has_its_name_in_the_middle_and_none_is_left_out() {
        let row = |name: &str, benefits| Month { name: name.to_owned(), premiums: 5.0, benefits };
        let svg = draw(&[row("2026-11", 3.0), row("2027-01", -2.0)]).unwrap();
        let places: Vec<f64> = ["2026-11", "2026-12", "2027-01"]
            .map(|name| {
                let (before, _) =
                    svg.split_once(&format!("\n{name}\n")).unwrap_or_else(|| panic!("{name}: {svg}"));
                let (_, x) = before.rsplit_once("<text x=\"").unwrap();
                x.split('"').next().unwrap().parse().unwrap()
            })
            .to_vec();
        let step = places[1] - places[0];
        assert!(step > 200.0 && (places[2] - places[1] - step).abs() <= 1.0, "{places:?}");
        let bars = svg.matches("#D95F02").count();
        assert_eq!(bars, 3 + 1, "what came back is drawn, and the legend");
        let year: Vec<Month> =
            (1..=24).map(|n| row(&format!("20{}-{:02}", 25 + (n - 1) / 12, (n - 1) % 12 + 1), 1.0)).collect();
        let svg = draw(&year).unwrap();
        assert!(year.iter().all(|month| svg.contains(&month.name)));
    }
}
