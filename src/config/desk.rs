//! Whether somebody sits at WeChat's customer-service desk (人工客服).

use super::reader::Section;

pub(super) fn read(section: &mut Section<'_>) -> bool {
    section.or("on", false)
}
