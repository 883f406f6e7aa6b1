//! Writes what follows from the table of figures.
//!
//! `cargo run --release --example figures > docs/figures.json` prints the table as JSON, and `cargo
//! run --release --example figures -- --docs` fills the tables in the docs.

use gatescope::figures::registry;
use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().nth(1).as_deref() != Some("--docs") {
        println!("{}", registry::to_json());
        return Ok(());
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for name in registry::TABLES_IN {
        let path = docs.join(name);
        fs::write(&path, registry::fill_tables(&fs::read_to_string(&path)?)?)?;
    }
    Ok(())
}
