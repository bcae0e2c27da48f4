//! How much of a message is read before it is refused. Whatever a sender writes, memory stays flat.

/// Bounds of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of a whole XML message, which is read as a stream.
    pub bytes_max: u64,
    /// Of a whole JSON message, which is held in memory.
    pub json_bytes_max: u64,
    /// Nesting of elements.
    pub depth_max: usize,
    /// Of one tag, text, comment or attribute.
    pub token_bytes_max: u64,
    /// Of what is kept of one item.
    pub item_bytes_max: usize,
    pub items_max: u64,
    pub json_items_max: usize,
    /// Statements in one camt.053.
    pub statements_max: usize,
}

impl Default for Limits {
    /// A statement of a million entries has some 700 MB.
    fn default() -> Self {
        Self {
            bytes_max: 4 << 30,
            json_bytes_max: 16 << 20,
            depth_max: 64,
            token_bytes_max: 64 << 10,
            item_bytes_max: 16 << 10,
            items_max: 10_000_000,
            json_items_max: 50_000,
            statements_max: 1_000,
        }
    }
}
