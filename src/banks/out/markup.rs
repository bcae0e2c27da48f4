//! XML written element by element, with the characters escaped that must be, and no others.

use super::{AgentRef, WriteError, bic, id};
use std::io::{self, Write};

/// A document that grows.
pub(super) struct Markup<W: Write> {
    out: W,
}

impl<W: Write> Markup<W> {
    pub fn begin(mut out: W, namespace: &str) -> io::Result<Self> {
        write!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"{namespace}\">")?;
        Ok(Self { out })
    }

    /// Opening or closing tags as they are.
    pub fn tags(&mut self, tags: &str) -> io::Result<()> {
        self.out.write_all(tags.as_bytes())
    }

    /// An element with a text.
    pub fn leaf(&mut self, element: &str, text: &str) -> io::Result<()> {
        write!(self.out, "<{element}>")?;
        escape(&mut self.out, text)?;
        write!(self.out, "</{element}>")
    }

    pub fn amount(&mut self, element: &str, currency: &str, amount: &str) -> io::Result<()> {
        write!(self.out, "<{element} Ccy=\"{currency}\">{amount}</{element}>")
    }

    /// A bank; older versions call the BIC otherwise.
    pub fn agent(&mut self, agent: &AgentRef, bic_element: &str) -> Result<(), WriteError> {
        self.tags("<FinInstnId>")?;
        match agent {
            AgentRef::Bic(text) => self.leaf(bic_element, bic(text)?)?,
            AgentRef::Member(text) => {
                self.tags("<ClrSysMmbId>")?;
                self.leaf("MmbId", id(text, "member id")?)?;
                self.tags("</ClrSysMmbId>")?;
            }
        }
        Ok(self.tags("</FinInstnId>")?)
    }

    pub fn end(mut self) -> io::Result<W> {
        self.out.write_all(b"</Document>\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn escape<W: Write>(out: &mut W, text: &str) -> io::Result<()> {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.write_all(&rest.as_bytes()[..at])?;
        let replaced: &[u8] = match rest.as_bytes()[at] {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            _ => b"&apos;",
        };
        out.write_all(replaced)?;
        rest = &rest[at + 1..];
    }
    out.write_all(rest.as_bytes())
}
