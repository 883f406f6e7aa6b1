//! Prints the JSON Schema of a report: `cargo run --release --example schema >
//! docs/report.schema.json`.

fn main() {
    println!("{}", gatescope::report::schema());
}
