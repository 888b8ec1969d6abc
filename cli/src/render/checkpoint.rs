//! The published JSON of a checkpoint.

use data_encoding::BASE64;
use replay::authority::checkpoint::BookCheckpoint;
use serde::Serialize;

/// A checkpoint. `root` is in base64, as in the note.
#[derive(Serialize)]
pub struct CheckpointJson<'c> {
    size: u64,
    root: String,
    position: u64,
    key: &'c str,
    note: &'c str,
}

impl CheckpointJson<'_> {
    pub fn of(checkpoint: &BookCheckpoint) -> CheckpointJson<'_> {
        let BookCheckpoint { position, size, root, note, key } = checkpoint;
        CheckpointJson { size: *size, root: BASE64.encode(root), position: *position, key, note }
    }
}
