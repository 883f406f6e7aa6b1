//! A browser's Blob or File, read by `slice`: only the range ever enters memory.

use crate::source::{ReadFuture, Source, failed, inside};
use js_sys::Uint8Array;
use std::ops::Range;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// A named Blob.
#[derive(Debug, Clone)]
pub struct BlobSource {
    name: String,
    blob: Blob,
}

impl BlobSource {
    /// A file called `name`.
    pub fn new(name: String, blob: Blob) -> Self {
        Self { name, blob }
    }
}

/// Names of the errors by which browsers refuse a file that is not what was chosen any more.
const GONE: [&str; 2] = ["NotReadableError", "NotFoundError"];

/// Describes a failed read. Of a changed file browsers say that there may be a lack of permission.
fn message(error: &JsValue) -> String {
    let field = |key: &str| js_sys::Reflect::get(error, &key.into()).ok()?.as_string();
    match field("name") {
        Some(name) if GONE.contains(&name.as_str()) => {
            "the file was changed, moved or removed after it was chosen. Choose it again".into()
        }
        _ => field("message").unwrap_or_else(|| "the browser could not read it".into()),
    }
}

impl Source for BlobSource {
    fn name(&self) -> &str {
        &self.name
    }
    fn len(&self) -> u64 {
        self.blob.size() as u64
    }
    fn read(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            inside(self, &range)?;
            let slice = self.blob.slice_with_f64_and_f64(range.start as f64, range.end as f64);
            let slice = slice.map_err(|e| failed(self, &range, message(&e)))?;
            let buffer = JsFuture::from(slice.array_buffer())
                .await
                .map_err(|e| failed(self, &range, message(&e)))?;
            Ok(Uint8Array::new(&buffer).to_vec())
        })
    }
}
