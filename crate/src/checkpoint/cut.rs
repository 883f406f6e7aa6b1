//! Cuts tensors into matrices.

/// A matrix or vector of a tensor.
pub struct Piece {
    /// The tensor's name; `[e]` is appended for slice e of a 3-D tensor.
    pub name: String,
    /// One or two dimensions.
    pub shape: Vec<u64>,
    /// Index of its first element in the tensor.
    pub offset: u64,
}

/// Cuts a tensor into matrices and vectors: matrices stay, 3-D tensors (stacked experts) become one
/// matrix per slice, more dimensions are flattened behind the first (the filters of a convolution
/// are its rows).
pub fn cut_tensor(name: &str, shape: &[u64]) -> Vec<Piece> {
    let whole = |shape: Vec<u64>| vec![Piece { name: name.into(), shape, offset: 0 }];
    match *shape {
        [] => whole(vec![1]),
        [_] | [_, _] => whole(shape.into()),
        [experts, m, n] => (0..experts)
            .map(|e| Piece { name: format!("{name}[{e}]"), shape: vec![m, n], offset: e * m * n })
            .collect(),
        [first, ref rest @ ..] => whole(vec![first, rest.iter().product()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_follow_each_other_without_gaps() {
        let named = |shape: &[u64]| {
            cut_tensor("w", shape)
                .into_iter()
                .map(|p| (p.name, p.shape, p.offset))
                .collect::<Vec<_>>()
        };
        let one = |shape: &[u64]| vec![("w".to_string(), shape.to_vec(), 0)];
        assert_eq!(named(&[]), one(&[1]));
        assert_eq!(named(&[7]), one(&[7]));
        assert_eq!(named(&[2, 3]), one(&[2, 3]));
        assert_eq!(named(&[4, 3, 2, 5]), one(&[4, 30]));
        assert_eq!(
            named(&[2, 3, 5]),
            [("w[0]".to_string(), vec![3, 5], 0), ("w[1]".to_string(), vec![3, 5], 15)]
        );
    }
}
