//! `wasm-bindgen --target web|nodejs --out-dir DIR FILE`: what the builds use of the program of
//! that name, without its command line library.

use anyhow::{Result, bail};
use std::env;
use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: wasm-bindgen --target web|nodejs --out-dir DIR FILE";

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["--target", target, "--out-dir", folder, file] = arguments[..] else {
        if arguments == ["--version"] {
            println!("wasm-bindgen {}", env!("CARGO_PKG_VERSION"));
            return Ok(());
        }
        bail!(USAGE);
    };
    let mut bindgen = Bindgen::new();
    match target {
        "web" => bindgen.web(true)?,
        "nodejs" => bindgen.nodejs(true)?,
        _ => bail!(USAGE),
    };
    bindgen
        .input_path(file)
        .typescript(true)
        // The written module finds the .wasm beside itself.
        .omit_default_module_path(false)
        .generate(folder)
}
