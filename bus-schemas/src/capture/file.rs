//! The file of a capture: a MessagePack stream of byte strings, of which the first holds the head
//! and each other one a record.
//!
//! Each is read whole or not at all, and its size is checked before anything is read.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use super::{FILE_BYTES_MAX, RECORD_BYTES_MAX, Record};
use crate::codec::{self, CodecError};

/// The version that is written, and the only one that is read.
pub const VERSION: u32 = 1;
/// What the head says first.
const KIND: &str = "dhchat capture";
/// The mark of a byte string whose length has four bytes.
const BIN_32: u8 = 0xc6;

/// What a file begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Says that it is a capture.
    pub kind: String,
    /// Of which version.
    pub version: u32,
}

impl Head {
    /// The head of a file that is written.
    #[must_use]
    pub fn present() -> Self {
        Self { kind: KIND.to_owned(), version: VERSION }
    }
}

/// Why a capture cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The disk.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It does not begin like one.
    #[error("this is no capture")]
    NoCapture,
    /// It does, and is of another version.
    #[error("this capture is of version {0}; this program reads version {VERSION}")]
    OtherVersion(u32),
    /// It ends within a record.
    #[error("the capture ends within record {0}")]
    Truncated(usize),
    /// A record is none.
    #[error("record {0} cannot be read")]
    Broken(usize),
    /// A record is too large.
    #[error("record {0} is larger than {RECORD_BYTES_MAX} bytes")]
    TooLarge(usize),
    /// The file is.
    #[error("a capture has at most {FILE_BYTES_MAX} bytes")]
    Full,
}

/// Writes a capture.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    bytes: u64,
    place: usize,
}

impl<W: Write> Writer<W> {
    /// Begins with the head.
    pub fn begin(out: W) -> Result<Self, FileError> {
        let mut writer = Self { out, bytes: 0, place: 0 };
        let head = codec::encode(&Head::present()).map_err(|_| FileError::Broken(0))?;
        writer.put(&head)?;
        Ok(writer)
    }

    /// Writes a record.
    pub fn write(&mut self, record: &Record) -> Result<(), FileError> {
        self.place += 1;
        self.put(&encode(record).map_err(|_| FileError::TooLarge(self.place))?)
    }

    /// Writes what is left to write, and gives back what was written to.
    pub fn finish(mut self) -> Result<W, FileError> {
        self.out.flush()?;
        Ok(self.out)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let all = self.bytes + 5 + u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if all > FILE_BYTES_MAX {
            return Err(FileError::Full);
        }
        let length = u32::try_from(bytes.len()).map_err(|_| FileError::TooLarge(self.place))?;
        self.out.write_all(&[BIN_32])?;
        self.out.write_all(&length.to_be_bytes())?;
        self.out.write_all(bytes)?;
        self.bytes = all;
        Ok(())
    }
}

/// Reads a capture.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    bytes: u64,
    place: usize,
}

impl<R: Read> Reader<R> {
    /// Reads the head.
    pub fn open(input: R) -> Result<Self, FileError> {
        let mut reader = Self { input, bytes: 0, place: 0 };
        let head = match reader.take() {
            Ok(Some(head)) => head,
            Err(FileError::Io(error)) => return Err(FileError::Io(error)),
            Ok(None) | Err(_) => return Err(FileError::NoCapture),
        };
        let head: Head = codec::decode(&head).map_err(|_| FileError::NoCapture)?;
        if head.kind != KIND {
            return Err(FileError::NoCapture);
        }
        if head.version != VERSION {
            return Err(FileError::OtherVersion(head.version));
        }
        Ok(reader)
    }

    /// The next record and its number, from 1; `None` at the end.
    pub fn next_record(&mut self) -> Result<Option<(usize, Record)>, FileError> {
        self.place += 1;
        let Some(bytes) = self.take()? else { return Ok(None) };
        let record = decode(&bytes).map_err(|_| FileError::Broken(self.place))?;
        Ok(Some((self.place, record)))
    }

    /// All records, each with its number.
    pub fn read_all(mut self) -> Result<Vec<(usize, Record)>, FileError> {
        let mut records = Vec::new();
        while let Some(record) = self.next_record()? {
            records.push(record);
        }
        Ok(records)
    }

    fn take(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        let mut head = Vec::with_capacity(5);
        (&mut self.input).take(5).read_to_end(&mut head)?;
        let (mark, length) = match *head {
            [] => return Ok(None),
            [mark, a, b, c, d] => (mark, u32::from_be_bytes([a, b, c, d])),
            _ => return Err(FileError::Truncated(self.place)),
        };
        if mark != BIN_32 {
            return Err(FileError::Broken(self.place));
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > RECORD_BYTES_MAX {
            return Err(FileError::TooLarge(self.place));
        }
        let wanted = u64::try_from(length).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(5).saturating_add(wanted);
        if self.bytes > FILE_BYTES_MAX {
            return Err(FileError::Full);
        }
        let mut bytes = Vec::new();
        (&mut self.input).take(wanted).read_to_end(&mut bytes)?;
        if bytes.len() == length { Ok(Some(bytes)) } else { Err(FileError::Truncated(self.place)) }
    }
}

/// A record as bytes, at most [`RECORD_BYTES_MAX`].
pub fn encode(record: &Record) -> Result<bytes::Bytes, CodecError> {
    let bytes = codec::encode(record)?;
    if bytes.len() > RECORD_BYTES_MAX { Err(CodecError::TooLarge(bytes.len())) } else { Ok(bytes) }
}

/// A record from bytes.
pub fn decode(bytes: &[u8]) -> Result<Record, CodecError> {
    codec::decode(bytes)
}
