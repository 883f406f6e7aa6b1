//! Says which files are read: for each path of standard input a line with `read`, `partly` (with
//! something left out) or `refused`, and why. `cargo run --example accepted < PATHS`.
//!
//! Of a file of a few tensors that safetensors takes, nothing may be refused but by a rule with a
//! reason: tests/reference holds this against the package.

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    use gatescope::checkpoint::header::read_header;
    use gatescope::source::{FileSource, Source};
    use std::path::Path;
    use std::rc::Rc;

    for path in std::io::stdin().lines().map_while(Result::ok) {
        let read = FileSource::open(Path::new(&path), &path).and_then(|file| {
            let source: Rc<dyn Source> = Rc::new(file);
            pollster::block_on(read_header(&source))
        });
        let (word, why) = match read {
            Ok((_, left_out)) if left_out.is_empty() => ("read", String::new()),
            Ok((_, left_out)) => ("partly", left_out[0].detail.clone()),
            Err(error) => ("refused", error.to_string()),
        };
        println!("{word}\t{}", why.replace('\n', " "));
    }
}

#[cfg(target_arch = "wasm32")]
fn main() {}
