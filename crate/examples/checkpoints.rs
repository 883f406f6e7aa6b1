//! Prints the page of what is read: `cargo run --release --example checkpoints >
//! docs/checkpoints.md`.

fn main() {
    print!("{}", gatescope::checkpoint::support::write_page());
}
