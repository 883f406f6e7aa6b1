//! Clock and output of the benchmarks, natively and in wasm.

/// Returns wall-clock seconds.
#[cfg(not(target_arch = "wasm32"))]
pub fn now() -> f64 {
    thread_local!(static START: std::time::Instant = std::time::Instant::now());
    START.with(|s| s.elapsed().as_secs_f64())
}

/// Returns wall-clock seconds.
#[cfg(target_arch = "wasm32")]
pub fn now() -> f64 {
    js_sys::Date::now() / 1e3
}

/// Prints a line.
#[cfg(not(target_arch = "wasm32"))]
pub fn print(line: &str) {
    println!("{line}");
}

/// Prints a line.
#[cfg(target_arch = "wasm32")]
pub fn print(line: &str) {
    web_sys::console::log_1(&line.into());
}
