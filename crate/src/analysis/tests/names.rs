//! Names of both sides that a plan reads or refuses.

use crate::analysis::inputs::Inputs;
use crate::analysis::plan::plan;
use crate::checkpoint::testing::FileBuilder;
use crate::settings::Settings;

#[test]
fn a_refusal_names_both_sides_and_a_renaming_must_change_something() {
    let one = |name: &str| FileBuilder::new().bf16s(name, &[2], &[1.0, 2.0]).checkpoint("made");
    let refuse = |tuned: &str, rename: &[[&str; 2]]| {
        let inputs = Inputs::new(Some(one("layers.0.w")), vec![one(tuned)], None).expect("inputs");
        let rename = rename.iter().map(|rule| rule.map(String::from)).collect();
        plan(&inputs, &Settings { rename, ..Settings::default() }).err().map(|e| e.to_string())
    };
    let what = refuse("blocks.0.w", &[]).expect("no pairs");
    assert!(what.contains("`layers.0.w`") && what.contains("`blocks.0.w`"), "{what}");
    assert_eq!(refuse("blocks.0.w", &[["blocks.", "layers."]]), None);
    let what = refuse("layers.0.w", &[["actor.", ""]]).expect("nothing renamed");
    assert!(what.contains("changes nothing"), "{what}");
}
