//! Tables on their way into files: CSV or XLSX, by the file's name.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Format, Workbook};

use crate::cli::out::Failure;
use crate::staff::activity::inert;

/// A table on its way into a file. Rows are written as they come, so that a long one needs no memory; the file has its
/// name only once it is whole.
pub(in crate::cli) enum Sheet {
    Csv { writer: Box<csv::Writer<File>>, part: PathBuf, path: PathBuf },
    Xlsx { book: Box<Workbook>, row: u32, path: PathBuf },
}

impl Sheet {
    pub(in crate::cli) fn create(path: &Path, name: &str) -> Result<Sheet, Failure> {
        if extension(path) == "xlsx" {
            let mut book = Box::new(Workbook::new());
            add(&mut book, name)?;
            return Ok(Sheet::Xlsx { book, row: 0, path: path.to_owned() });
        }
        let part = path.with_added_extension("part");
        let mut file = File::create(&part).map_err(|error| cant(path, &error))?;
        file.write_all(&[0xEF, 0xBB, 0xBF]).map_err(|error| cant(path, &error))?;
        Ok(Sheet::Csv { writer: Box::new(csv::Writer::from_writer(file)), part, path: path.to_owned() })
    }

    /// One row; nothing in it runs as a formula.
    pub(in crate::cli) fn row<S: AsRef<str>>(
        &mut self,
        cells: impl IntoIterator<Item = S>,
    ) -> Result<(), Failure> {
        match self {
            Sheet::Csv { writer, .. } => {
                let cells: Vec<String> = cells.into_iter().map(|cell| inert(cell.as_ref())).collect();
                writer.write_record(cells).map_err(Failure::new)
            }
            Sheet::Xlsx { book, row, .. } => {
                let last = book.worksheets().len() - 1;
                let sheet = book.worksheet_from_index(last).map_err(Failure::new)?;
                for (column, cell) in cells.into_iter().enumerate() {
                    let column = u16::try_from(column).map_err(Failure::new)?;
                    sheet.write_string(*row, column, cell.as_ref()).map_err(Failure::new)?;
                }
                *row += 1;
                Ok(())
            }
        }
    }

    /// A row of figures after words: numbers, so that a spreadsheet counts with them. What is none is words, too.
    pub(in crate::cli) fn figures<S: AsRef<str>>(
        &mut self,
        words: &[&str],
        figures: &[S],
    ) -> Result<(), Failure> {
        let figures = figures.iter().map(AsRef::as_ref);
        let Sheet::Xlsx { book, row, .. } = self else {
            return self.row(words.iter().copied().chain(figures));
        };
        let last = book.worksheets().len() - 1;
        let sheet = book.worksheet_from_index(last).map_err(Failure::new)?;
        let yuan = Format::new().set_num_format("#,##0.00");
        for (column, word) in (0..).zip(words) {
            sheet.write_string(*row, column, *word).map_err(Failure::new)?;
        }
        let first = u16::try_from(words.len()).map_err(Failure::new)?;
        for (column, text) in (first..).zip(figures) {
            match text.parse::<f64>() {
                Ok(number) if text.split_once('.').is_some_and(|(_, part)| part.len() == 2) => {
                    sheet.write_number_with_format(*row, column, number, &yuan).map_err(Failure::new)?
                }
                Ok(number) => sheet.write_number(*row, column, number).map_err(Failure::new)?,
                Err(_) => sheet.write_string(*row, column, text).map_err(Failure::new)?,
            };
        }
        *row += 1;
        Ok(())
    }

    /// Another table in the same file; a CSV file has but one, and leaves this one out.
    pub(in crate::cli) fn next_table(&mut self, name: &str) -> Result<bool, Failure> {
        match self {
            Sheet::Csv { .. } => Ok(false),
            Sheet::Xlsx { book, row, .. } => {
                add(book, name)?;
                *row = 0;
                Ok(true)
            }
        }
    }

    pub(in crate::cli) fn finish(self) -> Result<(), Failure> {
        match self {
            Sheet::Csv { mut writer, part, path } => {
                writer.flush().map_err(|error| cant(&path, &error))?;
                std::fs::rename(&part, &path).map_err(|error| cant(&path, &error))
            }
            Sheet::Xlsx { mut book, path, .. } => book.save(&path).map_err(Failure::new),
        }
    }
}

fn add(book: &mut Workbook, name: &str) -> Result<(), Failure> {
    let sheet = book.add_worksheet_with_constant_memory().map_err(Failure::new)?;
    sheet.set_name(name).map(drop).map_err(Failure::new)
}

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

fn cant(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::list_file::table;

    #[test]
    fn what_was_written_reads_back_in_both_formats() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["t.csv", "t.xlsx"] {
            let path = folder.path().join(name);
            let mut sheet = Sheet::create(&path, "名单").unwrap();
            sheet.row(["报名号", "备注"]).unwrap();
            sheet.row(["A1-1-0001", "张三"]).unwrap();
            sheet.finish().unwrap();
            let (head, rows) = table(&path).unwrap();
            assert_eq!(head.cells, ["报名号", "备注"], "{name}");
            assert_eq!(rows[0].cells, ["A1-1-0001", "张三"]);
        }
    }

    #[test]
    fn figures_are_numbers_and_the_rest_is_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.xlsx");
        let mut sheet = Sheet::create(&path, "账套").unwrap();
        sheet.figures(&["=1+1"], &["60.00", "7", "0.4833", ""].map(str::to_owned)).unwrap();
        sheet.finish().unwrap();
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).unwrap();
        let cells = calamine::Reader::worksheet_range(&mut book, "账套").unwrap();
        let cells: Vec<_> = cells.rows().next().unwrap().to_vec();
        use calamine::Data::{Float, String};
        assert_eq!(cells[..4], [String("=1+1".to_owned()), Float(60.0), Float(7.0), Float(0.4833)]);
    }

    #[test]
    fn nothing_a_follower_wrote_is_a_formula() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.xlsx");
        let mut sheet = Sheet::create(&path, "名单").unwrap();
        sheet.row(["备注"]).unwrap();
        sheet.row(["=1+1"]).unwrap();
        sheet.finish().unwrap();
        let (_, rows) = table(&path).unwrap();
        assert_eq!(rows[0].cells, ["=1+1"], "a text, not 2");
    }
}
