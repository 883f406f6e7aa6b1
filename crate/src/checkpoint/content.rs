//! What a file is by its first bytes: names are wrong too often.

use crate::source::Source;

/// The bytes that tell what a file is.
const HEAD: u64 = 512;
/// Number of bytes before the header of a safetensors file.
const LENGTH: usize = 8;
/// How PyTorch's zip files differ from others: they hold a pickle.
const ZIPPED_PICKLE: [&[u8]; 3] = [b"data.pkl", b"/data/", b"byteorder"];

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// It begins as a safetensors file does.
    Safetensors,
    /// The pointer that Git leaves where Git LFS holds the file.
    Pointer,
    /// A file of no bytes.
    Empty,
    /// A page in HTML or XML.
    WebPage,
    /// A pickle, as PyTorch saves.
    Torch,
    /// A GGUF file.
    Gguf,
    /// An archive or a compressed file.
    Archive,
    /// A PDF.
    Pdf,
    /// JSON.
    Json,
    /// Anything else.
    Unknown,
}

use Content::*;

/// Kinds by their first bytes; 0x80 and a version is a pickle.
const BEGINNINGS: [(&[u8], Content); 12] = [
    (b"version https://git-lfs", Pointer),
    (b"GGUF", Gguf),
    (b"%PDF", Pdf),
    (b"\x80\x02", Torch),
    (b"\x80\x03", Torch),
    (b"\x80\x04", Torch),
    (b"\x80\x05", Torch),
    (b"PK\x03\x04", Archive),
    (b"\x1f\x8b", Archive),
    (b"7z\xbc\xaf", Archive),
    (b"\x28\xb5\x2f\xfd", Archive),
    (b"BZh", Archive),
];

impl Content {
    /// Finds what a file is that begins with these bytes.
    pub fn find(head: &[u8]) -> Self {
        if head.is_empty() {
            return Empty;
        }
        // Asked first: the bytes of a length may be the beginning of anything. Eight characters of
        // a text make a length of 10^18.
        if head.get(LENGTH) == Some(&b'{') && head[6..LENGTH] == [0, 0] {
            return Safetensors;
        }
        let found = BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning));
        if let Some((_, kind)) = found {
            let holds = |part: &&[u8]| head.windows(part.len()).any(|bytes| bytes == *part);
            let zipped = *kind == Archive && ZIPPED_PICKLE.iter().any(holds);
            return if zipped { Torch } else { *kind };
        }
        let text = head.trim_ascii_start();
        let starts = |tag: &str| {
            text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
        };
        if ["<!doctype", "<html", "<?xml"].iter().any(|tag| starts(tag)) {
            return WebPage;
        }
        if text.first() == Some(&b'{') { Json } else { Unknown }
    }

    /// Reads what a file is; `None` where it can't be read.
    pub async fn read(source: &dyn Source) -> Option<Self> {
        let head = source.read(0..source.len().min(HEAD)).await.ok()?;
        Some(Self::find(&head))
    }

    /// True for what stands in place of a file, whatever its name says.
    pub fn is_stand_in(self) -> bool {
        matches!(self, Pointer | Empty | WebPage)
    }

    /// What is wrong with a file that should be safetensors, and what to do; `None` where its
    /// first bytes do not tell.
    pub fn explain(self) -> Option<&'static str> {
        Some(match self {
            Safetensors | Unknown => return None,
            Pointer => {
                "it is a Git LFS pointer, not the weights: run `git lfs pull` in its folder and \
                 give it again"
            }
            Empty => "it is empty, of 0 bytes: its download may have failed, so download it again",
            WebPage => {
                "it is a web page, most likely an error or a sign-in page saved in place of the \
                 weights: download it again, where the model is gated with a token"
            }
            Torch => {
                "it is a PyTorch pickle under another name: load it in Python and save it with \
                 safe_serialization=True"
            }
            Gguf => "it is a GGUF file: give the safetensors checkpoint that it was made from",
            Archive => "it is an archive: unpack it and give what is in it",
            Pdf => "it is a PDF: give a checkpoint's folder or its .safetensors files",
            Json => "it is a JSON file and holds no weights: download it again",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::{FileBuilder, file_bytes};

    #[test]
    fn a_file_is_known_by_its_first_bytes() {
        let pointer =
            b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 4976698672\n";
        let cases: [(&[u8], Content); 12] = [
            (&FileBuilder::new().f32s("w", &[1], &[1.0]).bytes(), Safetensors),
            // A length whose bytes are also the beginning of a gzip file.
            (&[b"\x1f\x8b\0\0\0\0\0\0{".as_slice(), &[b' '; 99]].concat(), Safetensors),
            (&file_bytes("[]", &[]), Unknown),
            (pointer, Pointer),
            (b"", Empty),
            (b"\n<!DOCTYPE html><title>Sign in</title>", WebPage),
            (b"\x80\x02\x8a", Torch),
            (b"PK\x03\x04\0\0archive/data.pkl", Torch),
            (b"PK\x03\x04 a document", Archive),
            (b"GGUF\x03\0\0\0", Gguf),
            (b" {\"error\": 1}", Json),
            // The ninth character of a text is a brace.
            (b"A note: {not weights}", Unknown),
        ];
        for (bytes, kind) in cases {
            assert_eq!(Content::find(bytes), kind, "{}", bytes.escape_ascii());
        }
    }
}
