//! Owns the one shape of our error pages: status line, lead, hints, facts, captioned blocks, notes, tables,
//! code.
//!
//! Does not own what they say, the HTTP head they travel under, or any decision about who may see
//! what: a page shows everything it was given, escaped.
//!
//! ```
//! let page = page::Page::new("500.0", "The FastCGI process exited unexpectedly")
//!     .lead("The instance ended before it answered.")
//!     .fact("Instance", "4711")
//!     .block("Its last words", "Traceback <most recent call last>")
//!     .command("To see it start by hand", "iisgate serve --debug");
//! assert!(page.render().contains("&lt;most recent call last&gt;"));
//! assert!(page.plain_text().starts_with("500.0 – The FastCGI process exited unexpectedly\n"));
//! ```

mod accept;
mod html;
mod text;

pub use accept::wants_html;

/// The content type that [`Page::render`] belongs under.
pub const HTML_CONTENT_TYPE: &str = "text/html; charset=utf-8";
/// The content type that [`Page::plain_text`] belongs under.
pub const TEXT_CONTENT_TYPE: &str = "text/plain; charset=utf-8";

/// An error page in the making.
///
/// Sections appear in a fixed order however they were added, so that readers who have seen one of
/// our pages find their way on all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    status: String,
    title: String,
    code: Option<String>,
    lead: Vec<String>,
    hints: Vec<Hint>,
    notes: Vec<Note>,
    facts: Vec<(String, String)>,
    blocks: Vec<Block>,
    tables: Vec<Table>,
}

/// Something to do about it: a sentence and, when there is one, the command to type.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hint {
    text: String,
    command: Option<String>,
}

/// A paragraph under a caption, for instance why something happens.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Note {
    caption: String,
    text: String,
}

/// Preformatted text under a caption, for instance a traceback.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    caption: String,
    text: String,
}

/// Named values under a caption, closed until the reader opens it, for instance an environ.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Table {
    caption: String,
    rows: Vec<(String, String)>,
}

impl Page {
    /// Starts a page. `status` is what a user would search the web for, with IIS's sub-status where
    /// there is one: `"500.0"`, `"404.8"`.
    pub fn new(status: impl Into<String>, title: impl Into<String>) -> Self {
        Page {
            status: status.into(),
            title: title.into(),
            code: None,
            lead: Vec::new(),
            hints: Vec::new(),
            notes: Vec::new(),
            facts: Vec::new(),
            blocks: Vec::new(),
            tables: Vec::new(),
        }
    }

    /// Names our stable code for this failure; `iisgate explain CODE` knows more.
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Adds a paragraph that tells in plain words what happened.
    pub fn lead(mut self, paragraph: impl Into<String>) -> Self {
        self.lead.push(paragraph.into());
        self
    }

    /// Adds a sentence of advice.
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hints.push(Hint { text: text.into(), command: None });
        self
    }

    /// Adds a sentence of advice with the command that follows it.
    pub fn command(mut self, text: impl Into<String>, command: impl Into<String>) -> Self {
        self.hints.push(Hint { text: text.into(), command: Some(command.into()) });
        self
    }

    /// Adds a paragraph under a caption.
    pub fn note(mut self, caption: impl Into<String>, text: impl Into<String>) -> Self {
        self.notes.push(Note { caption: caption.into(), text: text.into() });
        self
    }

    /// Adds a row to the definition table.
    pub fn fact(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.facts.push((name.into(), value.into()));
        self
    }

    /// Adds preformatted text under a caption. An empty text adds nothing.
    pub fn block(mut self, caption: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.trim().is_empty() {
            self.blocks.push(Block { caption: caption.into(), text });
        }
        self
    }

    /// Adds a long table that stays folded until it is opened. No rows add nothing.
    pub fn table<Name: Into<String>, Value: Into<String>>(
        mut self,
        caption: impl Into<String>,
        rows: impl IntoIterator<Item = (Name, Value)>,
    ) -> Self {
        let rows: Vec<_> = rows.into_iter().map(|(n, v)| (n.into(), v.into())).collect();
        if !rows.is_empty() {
            self.tables.push(Table { caption: caption.into(), rows });
        }
        self
    }

    /// Renders the page as one HTML document without external assets.
    pub fn render(&self) -> String {
        html::render(self)
    }

    /// Renders the same content for clients that show no HTML, such as curl.
    pub fn plain_text(&self) -> String {
        text::render(self)
    }

    /// Picks the rendering that the request's `Accept` header asks for: content type and body.
    pub fn for_client(&self, accept: Option<&str>) -> (&'static str, String) {
        if wants_html(accept) {
            (HTML_CONTENT_TYPE, self.render())
        } else {
            (TEXT_CONTENT_TYPE, self.plain_text())
        }
    }
}
