//! The exact route at its largest, in a wasm instance of its own: a heap does not shrink.
#![cfg(target_arch = "wasm32")]

#[path = "browser/files.rs"]
mod files;

use files::{analyze_by_session, assert_heap_below, heap_bytes};
use gatescope::settings::Settings;
use wasm_bindgen_test::*;

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// The most that a worker's heap may grow to.
const MOST: u32 = 256 << 20;

#[wasm_bindgen_test]
async fn the_whole_spectrum_of_2048_fits_the_heap() {
    for shape in [(4096, 2048), (2048, 5632)] {
        let found = analyze_by_session(shape, true, "cpu", 2048).await;
        assert_eq!((&found.error, &found.geometry_note), (&None, &None));
        let geometry = found.geometry.expect("Gate II");
        assert!(geometry.exact && geometry.nss.is_some() && geometry.spectrum_base.len() == 2048);
        assert_eq!(found.masks.len(), Settings::default().alphas.len());
        web_sys::console::log_1(
            &format!("{shape:?}: {} s, the heap has {} MiB", found.seconds, heap_bytes() >> 20)
                .into(),
        );
        assert_heap_below(MOST);
    }
}
