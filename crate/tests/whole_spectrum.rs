//! The exact route at its largest, in a wasm instance of its own: a heap does not shrink.
#![cfg(target_arch = "wasm32")]

#[path = "browser/files.rs"]
mod files;

use files::{assert_heap_below, by_session};
use wasm_bindgen_test::*;

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn the_whole_spectrum_of_2048_fits_the_heap() {
    let found = by_session((4096, 2048), true, "cpu", 2048).await;
    assert_eq!((&found.error, &found.geometry_note), (&None, &None));
    let geometry = found.geometry.expect("Gate II");
    assert!(geometry.exact && geometry.nss.is_some() && geometry.spectrum_base.len() == 2048);
    assert_eq!(found.masks.len(), 1);
    web_sys::console::log_1(&format!("{} s", found.seconds).into());
    assert_heap_below(256 << 20);
}
