//! A delta without its base beside the same delta on it.

use crate::analysis::inputs::Inputs;
use crate::analysis::tests::common::report_of;
use crate::analysis::tests::listed::expected::{listed, scattered, tensor};
use crate::analysis::tests::listed::layouts::{prime, trl, zeros};
use crate::figures::overlap::report::Overlap;
use crate::report::{Report, to_csv};
use crate::settings::Settings;

#[test]
fn a_delta_says_the_same_with_its_base() {
    // The base is of zeros and every new value differs in bf16, so that the gate and the list
    // agree.
    let shapes: [(&str, &[u64]); 3] = [("w", &[40, 30]), ("experts", &[2, 9, 8]), ("b", &[50])];
    let places = |seed: u64| {
        shapes.map(|(name, shape)| {
            (
                name,
                shape,
                vec![
                    scattered(shape.iter().product(), 7, seed),
                    scattered(shape.iter().product(), 9, seed + 1),
                ],
            )
        })
    };
    let deltas = || vec![prime("one", &places(1)), trl("two", &places(5))];
    let settings = Settings { k: 2, map_side: 5, ..Settings::default() };
    let alone = report_of(&Inputs::new(None, deltas(), None).expect("deltas"), &settings);
    let based =
        report_of(&Inputs::new(Some(zeros(&shapes)), deltas(), None).expect("deltas"), &settings);
    assert!(alone.base.is_none() && based.base.is_some());
    assert_eq!(
        (&alone.runs[0].delta, &alone.runs[0].comparison),
        (&based.runs[0].delta, &based.runs[0].comparison)
    );
    for (run, with) in based.runs.iter().enumerate() {
        assert!(with.left_out.is_empty() && alone.runs[run].left_out.is_empty());
        assert_eq!(with.tensors.len(), alone.runs[run].tensors.len());
        for t in &with.tensors {
            let (p, found) =
                (t.precision.as_ref().expect("Gate III"), listed(&alone, run, &t.name));
            assert_eq!(found.changed, t.parameters - p.unchanged);
            assert_eq!(
                (&found.row_density, &found.column_density),
                (&p.row_density, &p.column_density)
            );
            assert_eq!(found.map.as_ref().map(|m| &m.all), t.maps.as_ref().map(|m| &m.changed));
            let other = tensor(&alone, run, &t.name);
            assert_eq!(
                (other.layer, &other.module, &other.shape, other.parameters),
                (t.layer, &t.module, &t.shape, t.parameters)
            );
            assert_eq!(t.listed, None);
        }
        let (rollup, model) = (alone.runs[run].model.listed.as_ref().expect("a list"), &with.model);
        assert_eq!(
            (rollup.tensors, rollup.parameters, rollup.changed),
            (model.tensors, Some(model.parameters), model.parameters - model.unchanged)
        );
        assert_eq!(model.listed, None);
    }
    assert_eq!(alone.overlaps.len(), based.overlaps.len());
    for with in &based.overlaps {
        let found = alone.overlaps.iter().find(|o| o.name == with.name).expect("the same tensors");
        let runs = with.runs.len();
        let none = vec![vec![None; runs]; runs];
        assert_eq!(*found, Overlap { dot: none.clone(), cosine: none, ..with.clone() });
    }
    let line = |report: &Report, run: usize| {
        to_csv(report)
            .lines()
            .find(|l| l.starts_with(&format!("{},w,", report.runs[run].checkpoint.name)))
            .expect("a line")
            .to_string()
    };
    let columns = |text: &str| text.split(',').map(String::from).collect::<Vec<_>>();
    let head = columns(to_csv(&alone).lines().next().expect("a header"));
    let at = |name: &str, line: &str| {
        columns(line)[head.iter().position(|h| h == name).expect("the column")].clone()
    };
    assert_eq!(at("listed", &line(&alone, 0)), listed(&alone, 0, "w").changed.to_string());
    assert_eq!(
        at("listed_density", &line(&alone, 0)).parse::<f64>().ok(),
        listed(&alone, 0, "w").density
    );
    assert_eq!(
        (at("listed", &line(&based, 0)), at("unchanged", &line(&alone, 0))),
        (String::new(), String::new())
    );
}
