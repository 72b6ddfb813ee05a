use std::borrow::Cow;
use std::mem;
use std::str::FromStr;

use serde::Serialize;

use crate::wechat::xml::{Element, Writer};

/// An element that nobody asked for, kept as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Field {
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Field>,
}

impl Field {
    pub fn write(&self, xml: &mut Writer) {
        xml.group(&self.name, |xml| {
            if !self.text.is_empty() {
                xml.cdata(&self.text);
            }
            self.children.iter().for_each(|child| child.write(xml));
        });
    }

    /// `None` for an element with nothing in it, which WeChat uses like an absent one.
    fn keep(element: Element) -> Option<Field> {
        let children: Vec<_> = element.children.into_iter().filter_map(Field::keep).collect();
        if element.text.is_empty() && children.is_empty() {
            return None;
        }
        Some(Field { name: element.name.to_owned(), text: element.text.into_owned(), children })
    }
}

/// The fields of one element, taken out one by one; what is left at the end is kept as [`Field`]s.
#[derive(Debug)]
pub struct Fields<'a> {
    /// A field that was taken has no name any more: cheaper than closing the gap.
    children: Vec<Element<'a>>,
    leftovers: Vec<Field>,
}

impl<'a> Fields<'a> {
    pub fn of(children: Vec<Element<'a>>) -> Fields<'a> {
        Fields { children, leftovers: Vec::new() }
    }

    /// The text of a field; empty if it is absent.
    pub fn text(&mut self, name: &str) -> String {
        self.take_leaf(name).map(|element| element.text.into_owned()).unwrap_or_default()
    }

    /// The text of a field that may be absent or empty, which is the same.
    pub fn optional(&mut self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// As [`optional`](Self::optional), without white space around it: for ids and keywords.
    pub fn trimmed(&mut self, name: &str) -> Option<String> {
        let element = self.take_leaf(name)?;
        Some(element.text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// As [`trimmed`](Self::trimmed), borrowed: for words that are only compared.
    pub fn word(&mut self, name: &str) -> Option<Cow<'a, str>> {
        let text = match self.take_leaf(name)?.text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// A number that may be absent. What is no number stays and is kept as an extra field.
    pub fn number<N: FromStr>(&mut self, name: &str) -> Option<N> {
        let at = self.find_leaf(name)?;
        let number = self.children.get(at)?.text.trim().parse().ok()?;
        self.take(at);
        Some(number)
    }

    /// A finite decimal number that may be absent.
    pub fn decimal(&mut self, name: &str) -> Option<f64> {
        let at = self.find_leaf(name)?;
        let number: f64 = self.children.get(at)?.text.trim().parse().ok()?;
        if number.is_finite() { self.take(at).map(|_| number) } else { None }
    }

    /// The fields inside of the first element of this name; without fields if it is absent.
    pub fn group<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'a>) -> T) -> T {
        let at = self.children.iter().position(|child| child.name == name);
        let element = at.and_then(|at| self.take(at)).unwrap_or_default();
        self.inside(name, element, read)
    }

    /// As [`group`](Self::group), for one that may be absent or have nothing in it, which is the same.
    pub fn optional_group<T: Default + PartialEq>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields<'a>) -> T,
    ) -> Option<T> {
        Some(self.group(name, read)).filter(|value| *value != T::default())
    }

    /// Every element of this name, wherever it stands among the others.
    pub fn items<T>(&mut self, name: &str, mut read: impl FnMut(&mut Fields<'a>) -> T) -> Vec<T> {
        let mut items = Vec::new();
        while let Some(at) = self.children.iter().position(|child| child.name == name) {
            let element = self.take(at).unwrap_or_default();
            items.push(self.inside(name, element, &mut read));
        }
        items
    }

    /// Every field of this name that is a number.
    pub fn numbers<N: FromStr>(&mut self, name: &str) -> Vec<N> {
        std::iter::from_fn(|| self.number(name)).collect()
    }

    /// What nobody took.
    pub fn leftovers(self) -> Vec<Field> {
        let mut fields = self.leftovers;
        fields
            .extend(self.children.into_iter().filter(|child| !child.name.is_empty()).filter_map(Field::keep));
        fields
    }

    /// The first element of this name that has text and no elements. It is not yet taken.
    fn find_leaf(&self, name: &str) -> Option<usize> {
        let is_leaf = |child: &Element| child.children.is_empty() && !child.text.is_empty();
        self.children.iter().position(|child| child.name == name && is_leaf(child))
    }

    fn take_leaf(&mut self, name: &str) -> Option<Element<'a>> {
        let at = self.find_leaf(name)?;
        self.take(at)
    }

    fn take(&mut self, at: usize) -> Option<Element<'a>> {
        self.children.get_mut(at).map(mem::take)
    }

    fn inside<T>(&mut self, name: &str, element: Element<'a>, read: impl FnOnce(&mut Fields<'a>) -> T) -> T {
        let mut fields = Fields::of(element.children);
        let value = read(&mut fields);
        let children = fields.leftovers();
        if !element.text.is_empty() || !children.is_empty() {
            let text = element.text.into_owned();
            self.leftovers.push(Field { name: name.to_owned(), text, children });
        }
        value
    }
}
