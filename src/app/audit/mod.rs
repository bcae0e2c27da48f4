//! What is told of the use of the log itself: who used which key, who was turned away, what those did who run it.

pub mod auditor;
