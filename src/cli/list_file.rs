//! Lists in files, CSV (UTF-8 or GBK), XLSX or XLS, row by row: nothing but the texts that a spreadsheet keeps once for all
//! cells is held in memory as a whole, or an XLS file, which has 65,536 rows at most.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use calamine::{Data, Reader, Xls, XlsError, Xlsx, XlsxError, open_workbook};
use encoding_rs::GB18030;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::cli::answer::no_rows;
use crate::cli::out::Failure;

/// What the columns of a list are called, and what the API calls them.
pub(super) struct Layout {
    /// (names in the file, field of the API); a field `card.bank` is a field of an object `card`.
    pub columns: &'static [(&'static [&'static str], &'static str)],
    /// Fields that every list has.
    pub must: &'static [&'static str],
    /// (field, how a cell begins, what that means)
    pub words: &'static [(&'static str, &'static str, &'static str)],
    /// Columns that are passed over.
    pub ignored: &'static [&'static str],
}

/// A row, and the line of the file on which it begins.
pub(super) struct Row<T> {
    pub line: u64,
    pub cells: T,
}

/// A row as it is written.
pub(super) type TextRow = Row<Vec<String>>;

/// The rows of a file, as the API takes them; those that hold nothing are passed over. A row that is no text is none.
pub(super) struct Rows {
    cells: Cells,
    layout: &'static Layout,
    columns: Vec<Option<&'static str>>,
}

/// Every row of a file that holds something, the first with the names of its columns. A row that is no text is none.
pub(super) struct Cells(Source);

enum Source {
    Csv {
        reader: Box<csv::Reader<Lines>>,
        record: csv::ByteRecord,
        charset: Option<Charset>,
    },
    /// Read by a thread of its own, since a spreadsheet's cells are lent by the book that they are in.
    Sheet {
        rows: Receiver<Result<TextRow, String>>,
        reader: Option<JoinHandle<()>>,
    },
}

/// How a CSV file is written: as its first row that isn't all ASCII is. GBK is what Excel makes of one on a Chinese Windows, and many banks.
#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    Gbk,
}

impl Charset {
    /// `None`: either does.
    fn of(record: &csv::ByteRecord) -> Option<Charset> {
        let is_utf8 = record.iter().all(|cell| std::str::from_utf8(cell).is_ok());
        match () {
            () if record.iter().all(<[u8]>::is_ascii) => None,
            () if is_utf8 => Some(Charset::Utf8),
            () => Some(Charset::Gbk),
        }
    }

    fn text(self, cell: &[u8]) -> Option<String> {
        match self {
            Charset::Utf8 => std::str::from_utf8(cell).ok().map(str::to_owned),
            Charset::Gbk => {
                GB18030.decode_without_bom_handling_and_without_replacement(cell).map(Cow::into_owned)
            }
        }
    }
}

/// Rows read ahead of whoever takes them.
const READ_AHEAD: usize = 64;
/// No spreadsheet has more.
const COLUMNS_MAX: usize = 16_384;
/// Rows of a list that is held as a whole.
const ROWS_MAX: usize = 200_000;
/// Spreadsheets keep 15 digits of a number; from here on the last ones are made up.
const EXACT_BELOW: f64 = 1e15;

/// A short list as a whole: the names of its columns, and its rows that hold something, without blanks around the cells.
/// A row that is no text refuses it all.
pub(super) fn table(path: &Path) -> Result<(TextRow, Vec<TextRow>), Failure> {
    let trimmed = |cells: Vec<String>| {
        cells.iter().map(|cell| cell.trim_start_matches('\u{feff}').trim().to_owned()).collect()
    };
    let mut rows = Cells::open(path)?.map(|row| {
        let Row { line, cells } = row.map_err(|why| wrong(path, &why))?;
        let cells =
            cells.ok_or_else(|| wrong(path, &format_args!("line {line} is neither UTF-8 nor GBK")))?;
        Ok(Row { line, cells: trimmed(cells) })
    });
    let head = rows.next().ok_or_else(|| no_rows(path))??;
    let rest: Vec<_> = rows.take(ROWS_MAX).collect::<Result<_, Failure>>()?;
    match rest.len() {
        ROWS_MAX => Err(wrong(path, &format_args!("it has {ROWS_MAX} rows or more; split it"))),
        _ => Ok((head, rest)),
    }
}

impl Rows {
    pub fn open(path: &Path, layout: &'static Layout) -> Result<Rows, Failure> {
        let mut cells = Cells::open(path)?;
        let head = match cells.next() {
            Some(head) => head.map_err(|why| wrong(path, &why))?.cells,
            None => Some(Vec::new()), // there is no row at all
        };
        let head = head.ok_or_else(|| wrong(path, &"its first row is neither UTF-8 nor GBK"))?;
        let columns = columns(layout, head.iter().map(String::as_str)).map_err(|why| wrong(path, &why))?;
        Ok(Rows { cells, layout, columns })
    }

    /// How many rows the file has; at least one.
    pub fn total(path: &Path, layout: &'static Layout) -> Result<u64, Failure> {
        match Rows::open(path, layout)?.try_fold(0, |count, row| row.map(|_| count + 1))? {
            0 => Err(no_rows(path)),
            count => Ok(count),
        }
    }
}

impl Iterator for Rows {
    type Item = Result<Row<Option<Value>>, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.cells.next()?.map(|Row { line, cells }| {
            let cells = cells.map(|cells| row(self.layout, &self.columns, cells.iter().map(String::as_str)));
            Row { line, cells }
        });
        Some(row.map_err(Failure::new))
    }
}

impl Cells {
    pub fn open(path: &Path) -> Result<Cells, Failure> {
        let ends = |with: &str| path.extension().is_some_and(|end| end.eq_ignore_ascii_case(with));
        if ends("xlsx") || ends("xls") {
            let (file, send_rows) = (path.to_owned(), if ends("xls") { send_old_rows } else { send_rows });
            return Ok(Cells::sent_by(move |send| send_rows(&file, send)));
        }
        let lines = Lines::of(File::open(path).map_err(|error| wrong(path, &error))?);
        let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(lines);
        let (reader, record) = (Box::new(reader), csv::ByteRecord::new());
        Ok(Cells(Source::Csv { reader, record, charset: None }))
    }

    fn sent_by(rows: impl FnOnce(&Sender) -> Result<(), String> + Send + 'static) -> Cells {
        let (send, sent) = sync_channel(READ_AHEAD);
        let reader = thread::spawn(move || {
            if let Err(error) = rows(&send) {
                _ = send.send(Err(error));
            }
        });
        Cells(Source::Sheet { rows: sent, reader: Some(reader) })
    }
}

impl Iterator for Cells {
    /// Or why the rest can't be read.
    type Item = Result<Row<Option<Vec<String>>>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Source::Csv { reader, record, charset } => loop {
                let read = reader.read_byte_record(record);
                if let Some(line) = reader.get_ref().unclosed() {
                    return Some(Err(format!("the quote (\") that opens in line {line} is never closed")));
                }
                match read {
                    Ok(false) => return None,
                    Ok(true) if record.iter().flatten().all(u8::is_ascii_whitespace) => {}
                    Ok(true) => {
                        let within = record.iter().flatten().filter(|byte| **byte == b'\n').count() as u64;
                        let line = reader.position().line().saturating_sub(within + 1);
                        *charset = charset.or_else(|| Charset::of(record));
                        let charset = charset.unwrap_or(Charset::Utf8);
                        let cells = record.iter().map(|cell| charset.text(cell)).collect();
                        return Some(Ok(Row { line, cells }));
                    }
                    Err(error) => return Some(Err(error.to_string())),
                }
            },
            Source::Sheet { rows, reader } => match rows.recv() {
                Ok(row) => Some(row.map(|Row { line, cells }| Row { line, cells: Some(cells) })),
                // Nothing more comes: it is all there, or the reader fell over what it read.
                Err(_) => match reader.take()?.join() {
                    Ok(()) => None,
                    Err(_) => {
                        Some(Err("the spreadsheet can't be read to its end; save it as CSV".to_owned()))
                    }
                },
            },
        }
    }
}

type Sender = SyncSender<Result<TextRow, String>>;

/// Sends the first sheet's rows that hold something, until they are all sent or nobody takes them any more.
fn send_rows(path: &Path, send: &Sender) -> Result<(), String> {
    let wrong = |error: XlsxError| error.to_string();
    let mut book: Xlsx<_> = open_workbook(path).map_err(wrong)?;
    let name = book.sheet_names().first().cloned().ok_or("it has no sheet")?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(wrong)?;
    let mut row = Row { line: 0, cells: Vec::new() };
    while let Some(found) = cells.next_cell().map_err(wrong)? {
        let (line, column) = found.get_position();
        let (line, column) = (u64::from(line) + 1, column as usize);
        if column >= COLUMNS_MAX {
            return Err(format!("line {line} has more columns than a spreadsheet can have"));
        }
        if line != row.line && !pass_on(std::mem::replace(&mut row, Row { line, cells: Vec::new() }), send) {
            return Ok(());
        }
        if row.cells.len() <= column {
            row.cells.resize(column + 1, String::new());
        }
        row.cells[column] = cell(&Data::from(found.get_value().clone()));
    }
    pass_on(row, send);
    Ok(())
}

/// As [`send_rows`], from the older format.
fn send_old_rows(path: &Path, send: &Sender) -> Result<(), String> {
    let wrong = |error: XlsError| error.to_string();
    let mut book: Xls<_> = open_workbook(path).map_err(wrong)?;
    let sheet = book.worksheet_range_at(0).ok_or("it has no sheet")?.map_err(wrong)?;
    let first = sheet.start().map_or(1, |(row, _)| u64::from(row) + 1);
    let rows = (first..).zip(sheet.rows());
    let mut rows = rows.map(|(line, cells)| Row { line, cells: cells.iter().map(cell).collect() });
    rows.all(|row| pass_on(row, send));
    Ok(())
}

/// False: nobody takes it.
fn pass_on(row: TextRow, send: &Sender) -> bool {
    row.cells.iter().all(|cell| cell.trim().is_empty()) || send.send(Ok(row)).is_ok()
}

/// A file whose lines all end in one line feed, the last as well: then a CSV reader's count of lines says where a row
/// ended, and so where it began.
struct Lines {
    file: BufReader<File>,
    last: u8,
    line: u64,
    at: At,
    ended: bool,
}

/// Where in a CSV file a byte stands: a cell whose quote is never closed would take in all that follows.
#[derive(Clone, Copy)]
enum At {
    CellStart,
    Cell,
    /// In a quoted cell; the line is that of its opening quote.
    Quoted(u64),
    /// Behind a quote in it, which closes it unless another follows.
    Quote(u64),
}

const MARK: &[u8] = "\u{feff}".as_bytes();

impl At {
    /// As the CSV reader has it.
    fn after(self, byte: u8, line: u64) -> At {
        match (self, byte) {
            (At::CellStart, b'"') => At::Quoted(line),
            (At::Quoted(since), b'"') => At::Quote(since),
            (At::Quoted(since), _) | (At::Quote(since), b'"') => At::Quoted(since),
            (_, b',' | b'\n') => At::CellStart,
            // The mark that Windows puts in front is no part of the first cell.
            (At::CellStart, _) if line == 1 && MARK.contains(&byte) => At::CellStart,
            _ => At::Cell,
        }
    }
}

impl Lines {
    fn of(file: File) -> Lines {
        Lines { file: BufReader::new(file), last: b'\n', line: 1, at: At::CellStart, ended: false }
    }

    /// The line of the quote that was open when the file ended.
    fn unclosed(&self) -> Option<u64> {
        match self.at {
            At::Quoted(line) if self.ended => Some(line),
            _ => None,
        }
    }
}

impl Read for Lines {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.file.read(into)?;
            if read == 0 {
                self.ended = true;
                return Ok(match into.first_mut() {
                    Some(end) if std::mem::replace(&mut self.last, b'\n') != b'\n' => {
                        *end = b'\n';
                        1
                    }
                    _ => 0,
                });
            }
            let mut kept = 0;
            for at in 0..read {
                let Some(byte) = into.get(at).copied() else { break };
                let rest_of_end = byte == b'\n' && self.last == b'\r';
                self.last = byte;
                if !rest_of_end {
                    let byte = if byte == b'\r' { b'\n' } else { byte };
                    self.at = self.at.after(byte, self.line);
                    self.line += u64::from(byte == b'\n');
                    into[kept] = byte;
                    kept += 1;
                }
            }
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}

/// Names the file's content.
pub(super) fn digest(path: &Path) -> Result<String, Failure> {
    let mut sha = Sha256::new();
    let mut file = File::open(path).map_err(|error| wrong(path, &error))?;
    let mut chunk = vec![0; 1 << 16];
    loop {
        let read = std::io::Read::read(&mut file, &mut chunk).map_err(|error| wrong(path, &error))?;
        if read == 0 {
            return Ok(hex::encode(sha.finalize()));
        }
        sha.update(chunk.get(..read).unwrap_or_default());
    }
}

fn columns<'a>(
    layout: &'static Layout,
    head: impl Iterator<Item = &'a str>,
) -> Result<Vec<Option<&'static str>>, String> {
    let mut found = Vec::new();
    for name in head {
        let name = name.trim().trim_start_matches('\u{feff}');
        let column = layout
            .columns
            .iter()
            .find(|(names, _)| names.iter().any(|known| known.eq_ignore_ascii_case(name)));
        match column {
            Some((_, field)) => found.push(Some(*field)),
            None if name.is_empty() || layout.ignored.contains(&name) => found.push(None),
            None => {
                let known: Vec<&str> = layout.columns.iter().map(|(names, _)| names[0]).collect();
                return Err(format!("unknown column {name:?}; known are {}", known.join(", ")));
            }
        }
    }
    match layout.must.iter().find(|must| !found.contains(&Some(**must))) {
        Some(missing) => Err(format!("the first row names no column for `{missing}`")),
        None => Ok(found),
    }
}

fn row<'a>(layout: &Layout, columns: &[Option<&'static str>], cells: impl Iterator<Item = &'a str>) -> Value {
    let (mut row, mut card) = (Map::new(), Map::new());
    for (column, cell) in columns.iter().zip(cells) {
        let (Some(field), cell) = (column, cell.trim()) else { continue };
        if cell.is_empty() && !layout.must.contains(field) {
            continue;
        }
        let word = layout.words.iter().find(|(of, chinese, _)| of == field && cell.starts_with(chinese));
        let value = json!(word.map_or(cell, |(_, _, word)| word));
        match field.strip_prefix("card.") {
            Some(field) => card.insert(field.to_owned(), value),
            None => row.insert((*field).to_owned(), value),
        };
    }
    if card.contains_key("number") {
        row.insert("card".to_owned(), Value::Object(card));
    }
    Value::Object(row)
}

/// What a spreadsheet took for a number or a day is written out. A number that it can't have kept is written as it shows
/// it, 6.21700E18, which is no card's, parcel's or person's number.
fn cell(cell: &Data) -> String {
    match cell {
        Data::Float(number) if number.abs() >= EXACT_BELOW => format!("{number:.5E}"),
        Data::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        Data::DateTime(at) if at.is_datetime() => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    }
}

fn wrong(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::Workbook;

    use super::*;

    const NAMES: Layout = Layout {
        columns: &[(&["姓名"], "name"), (&["单位"], "union")],
        must: &["name"],
        words: &[],
        ignored: &[],
    };

    fn book(path: &Path, cells: &[(u32, u16, &str)]) {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (row, column, cell) in cells {
            sheet.write_string(*row, *column, *cell).unwrap();
        }
        book.save(path).unwrap();
    }

    #[test]
    fn a_spreadsheet_gives_its_rows_one_by_one_with_their_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.xlsx");
        let mut cells = vec![(1, 1, "姓名"), (1, 3, "单位"), (3, 1, "样例"), (5, 3, "某厂"), (5, 1, "例样")];
        cells.extend((10..300).map(|row| (row, 1, "许多")));
        book(&path, &cells);
        let rows: Vec<_> = Rows::open(&path, &NAMES).unwrap().take(3).collect::<Result<_, _>>().unwrap();
        let told: Vec<_> = rows.into_iter().map(|row| (row.line, row.cells.unwrap())).collect();
        let expected = [
            (4, json!({ "name": "样例" })),
            (6, json!({ "name": "例样", "union": "某厂" })),
            (11, json!({ "name": "许多" })),
        ];
        assert_eq!(told, expected);
        assert_eq!(Rows::total(&path, &NAMES).unwrap(), 292);
    }

    #[test]
    fn a_reader_that_falls_over_has_not_read_to_the_end() {
        let mut cells = Cells::sent_by(|send| {
            pass_on(Row { line: 1, cells: vec!["姓名".to_owned()] }, send);
            panic!("as a broken spreadsheet may make it")
        });
        assert!(matches!(cells.next(), Some(Ok(row)) if row.line == 1));
        assert!(matches!(cells.next(), Some(Err(why)) if why.contains("to its end")));
        assert!(cells.next().is_none());
    }

    #[test]
    fn a_list_is_in_the_charset_of_its_first_row_that_tells() {
        let folder = tempfile::tempdir().unwrap();
        let told = |bytes: &[u8]| -> Vec<Option<Value>> {
            let path = folder.path().join("list.csv");
            std::fs::write(&path, bytes).unwrap();
            Rows::open(&path, &NAMES).unwrap().map(|row| row.unwrap().cells).collect()
        };
        // 联通 in GBK is UTF-8, too, and means nothing in it.
        let text = "姓名,单位\n联通,某厂\n";
        let expected = [Some(json!({ "name": "联通", "union": "某厂" }))];
        assert_eq!(told(text.as_bytes()), expected);
        assert_eq!(told(&GB18030.encode(text).0), expected);
        let mut mixed = "姓名\n样例\n".as_bytes().to_vec();
        mixed.extend(&*GB18030.encode("例样\n").0);
        assert_eq!(told(&mixed), [Some(json!({ "name": "样例" })), None], "no guess at a row of its own");
    }

    #[test]
    fn a_quote_that_is_never_closed_takes_in_no_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Rows::total(&path, &NAMES)
        };
        let open = "\u{feff}\"姓名\",单位\r\n\"样\"\"例\",\"一厂\r\n二厂\"\r\n例样,\"三厂\r\n样例,四厂\r\n";
        let why = read(open).err();
        assert!(
            matches!(&why, Some(Failure::Failed { what, .. }) if what.contains("opens in line 4 is never closed")),
            "{why:?}"
        );
        assert_eq!(
            read("姓名,单位\n样\"例,5\" 厂\n\"例\"样,四厂\n").unwrap(),
            2,
            "no cell begins with these"
        );
        assert_eq!(read("姓名,单位\n样例,\"四厂\"").unwrap(), 1);
    }

    #[test]
    fn what_a_spreadsheet_made_of_long_numbers_and_days_is_no_other_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.xlsx");
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let day = rust_xlsxwriter::Format::new().set_num_format("yyyy/m/d");
        for (column, name) in (0..).zip(["手机", "运单号", "有效期"]) {
            sheet.write_string(0, column, name).unwrap();
        }
        sheet.write_number(1, 0, 13_812_345_678_f64).unwrap();
        sheet.write_number(1, 1, 432_112_345_678_901_234_f64).unwrap();
        let until = rust_xlsxwriter::ExcelDateTime::from_ymd(2029, 12, 31).unwrap();
        sheet.write_datetime_with_format(1, 2, &until, &day).unwrap();
        book.save(&path).unwrap();
        let (_, rows) = table(&path).unwrap();
        assert_eq!(rows[0].cells, ["13812345678", "4.32112E17", "2029-12-31"]);
    }

    #[test]
    fn a_table_that_is_too_long_is_refused_rather_than_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, "n\n".repeat(ROWS_MAX)).unwrap();
        assert_eq!(table(&path).unwrap().1.len(), ROWS_MAX - 1);
        std::fs::write(&path, "n\n".repeat(ROWS_MAX + 1)).unwrap();
        assert!(table(&path).is_err());
    }

    #[test]
    fn what_is_no_spreadsheet_or_has_no_head_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.xlsx");
        std::fs::write(&path, "姓名\n样例\n").unwrap();
        assert!(Rows::open(&path, &NAMES).is_err());
        book(&path, &[]);
        assert!(Rows::open(&path, &NAMES).is_err());
        book(&path, &[(0, 0, "名字")]);
        let why = Rows::open(&path, &NAMES).err();
        assert!(
            matches!(&why, Some(Failure::Failed { what, .. }) if what.contains("unknown column")),
            "{why:?}"
        );
    }
}
