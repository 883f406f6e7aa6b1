//! Cuts tensors into matrices and vectors.
//!
//! - One or two dimensions stay as they are.
//! - Three are a stack of matrices, one an expert, only where the name says so: a part of it speaks
//!   of experts (`experts`, `moe`, `switch_mlp`, GGUF's `_exps`), or it ends on a linear projection
//!   (`gate_up_proj`, `input_linear`), of which three dimensions can only be a stack.
//! - All other tensors are one: a convolution [out, in / groups, kernel …] is the matrix of out ×
//!   in / groups · kernel that it multiplies patches with.
//! - A depthwise convolution, with one input a filter, multiplies every channel with weights of its
//!   own. It is shown as channels × kernel, but maps no space to another and has no spectrum; nor
//!   has a stack of bias vectors.
//! - Dimensions of 1 in front are left away, and a tensor that has only one other is a vector.

use crate::checkpoint::kinds::Kind;

/// A matrix or vector of a tensor.
pub struct Piece {
    /// The tensor's name; `[e]` is appended for slice e of stacked experts.
    pub name: String,
    /// One or two dimensions.
    pub shape: Vec<u64>,
    /// Index of its first element in the tensor.
    pub offset: u64,
    /// Why a piece of two dimensions has no singular values to compare; `None` where it has.
    pub no_spectrum: Option<&'static str>,
}

/// The kinds of tensors by their shapes.
pub const KINDS: &[Kind] = &[
    Kind::read(
        "stacked experts",
        "mlp.experts.gate_up_proj [experts, m, n]",
        "One matrix an expert.",
    ),
    Kind::read("convolution", "conv1.weight [out, in, kernel]", "One matrix of out × in·kernel."),
    Kind::read(
        "depthwise convolution",
        "linear_attn.conv1d.weight [channels, 1, kernel]",
        "One tensor of channels × kernel, without spectra and geometry.",
    ),
    Kind::read(
        "stacked bias vectors",
        "mlp.experts.down_proj_bias [experts, n]",
        "One tensor of experts × n, without spectra and geometry.",
    ),
];

const DEPTHWISE: &str = "a depthwise convolution multiplies each channel with weights of its own: \
                         it maps no space to another and has no singular subspaces";
const BIASES: &str = "a stack of bias vectors has no singular subspaces";

/// The longest kernel of a convolution whose name does not say that it is one, and of one that is
/// stored in two dimensions or with its inputs last.
const MOST_KERNEL: u64 = 64;

/// More slices than any model has experts are no stack, whatever the name says: each costs an entry
/// of the report.
const MOST_EXPERTS: u64 = 1 << 14;

/// Ends of names that stand for a parameter of the module before them.
const PARAMETERS: [&str; 8] = [
    "weight",
    "bias",
    "weight_g",
    "weight_v",
    "parametrizations",
    "original0",
    "original1",
    "original",
];

/// Linear projections, which have three dimensions only where they are stacked.
const PROJECTIONS: [&str; 6] =
    ["gate_up_proj", "gate_proj", "up_proj", "down_proj", "input_linear", "output_linear"];

/// The module that a tensor belongs to: the last part of its name that is no parameter.
fn find_module_word(name: &str) -> &str {
    name.rsplit('.').find(|part| !PARAMETERS.contains(part)).unwrap_or_default()
}

fn is_convolution(name: &str) -> bool {
    find_module_word(name).to_ascii_lowercase().contains("conv")
}

fn names_experts(name: &str) -> bool {
    name.split('.').any(|part| {
        part.contains("expert")
            || part.ends_with("exps")
            || part == "moe"
            || part.starts_with("moe_")
            || part.ends_with("_moe")
            || part.starts_with("switch_")
    })
}

/// Whether the name of a tensor of three dimensions says that it is a stack of matrices.
fn names_stack(name: &str) -> bool {
    !is_convolution(name) && (names_experts(name) || PROJECTIONS.contains(&find_module_word(name)))
}

/// Why a tensor of two and more dimensions has no spectrum; `None` where it has one.
fn find_no_spectrum(name: &str, shape: &[u64]) -> Option<&'static str> {
    let convolution = is_convolution(name);
    let depthwise = match *shape {
        // Stored without its dimension of 1.
        [_, kernel] => convolution && kernel <= MOST_KERNEL.min(8),
        // With the inputs last, as MLX stores it, a kernel and one input.
        [_, kernel, 1] if convolution && kernel > 1 => kernel <= 8,
        [_, 1, ref kernel @ ..] => convolution || kernel.iter().product::<u64>() <= MOST_KERNEL,
        _ => false,
    };
    let biases = shape.len() == 2
        && names_experts(name)
        && name.rsplit('.').next().is_some_and(|last| last.ends_with("bias"));
    if depthwise { Some(DEPTHWISE) } else { biases.then_some(BIASES) }
}

/// Cuts a tensor into matrices and vectors, by the rules at the top of this module.
pub fn cut_tensor(name: &str, shape: &[u64]) -> Vec<Piece> {
    let whole = |shape: Vec<u64>, no_spectrum| {
        vec![Piece { name: name.into(), shape, offset: 0, no_spectrum }]
    };
    if let [experts, m, n] = *shape
        && experts <= MOST_EXPERTS
        && names_stack(name)
    {
        return (0..experts)
            .map(|e| Piece {
                name: format!("{name}[{e}]"),
                shape: vec![m, n],
                offset: e * m * n,
                no_spectrum: None,
            })
            .collect();
    }
    let elements: u64 = shape.iter().product();
    if shape.len() != 2 && shape.iter().all(|side| *side == 1 || *side == elements) {
        return whole(vec![elements], None);
    }
    let leading = if is_convolution(name) {
        0
    } else {
        // The last two stay: a matrix of one row is a matrix.
        shape.iter().take_while(|side| **side == 1).count().min(shape.len() - 2)
    };
    let shape = &shape[leading..];
    whole(vec![shape[0], shape[1..].iter().product()], find_no_spectrum(name, shape))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_shapes_say_what_is_one_tensor_and_what_a_stack() {
        let conv = "model.layers.0.linear_attn.conv1d.weight";
        let cases: [(&str, &[u64], &[u64], bool); 21] = [
            ("w", &[], &[1], true),
            ("w", &[7], &[7], true),
            ("w", &[2, 3], &[2, 3], true),
            ("w", &[1, 3], &[1, 3], true),
            // Convolutions.
            (conv, &[512, 1, 4], &[512, 4], false),
            (conv, &[512, 4, 1], &[512, 4], false),
            (conv, &[512, 4], &[512, 4], false),
            ("encoder.conv1.weight", &[384, 80, 3], &[384, 240], true),
            ("conv.pointwise_conv1.weight", &[64, 32, 1], &[64, 32], true),
            ("encoder.pos_conv_embed.conv.weight_v", &[64, 16, 128], &[64, 2048], true),
            ("encoder.pos_conv_embed.conv.weight_g", &[1, 1, 128], &[128], true),
            ("visual.patch_embed.proj.weight", &[32, 3, 2, 14, 14], &[32, 1176], true),
            ("stages.0.dwconv.weight", &[96, 1, 7, 7], &[96, 49], false),
            ("backbone.mixer.short.weight", &[96, 1, 3], &[96, 3], false),
            ("model.layers.0.conv.in_proj.weight", &[96, 8], &[96, 8], true),
            // Others of many dimensions are one tensor, too.
            ("vit.pos_embed", &[1, 197, 64], &[197, 64], true),
            ("vit.class_token", &[1, 1, 64], &[64], true),
            ("vit.positions", &[577, 1, 768], &[577, 768], true),
            ("layer_scale.gamma", &[64, 1, 1], &[64], true),
            ("transformer.layer.0.rel_attn.q", &[32, 4, 8], &[32, 32], true),
            ("model.layers.0.mlp.experts.down_proj_bias", &[4, 32], &[4, 32], false),
        ];
        for (name, shape, want, spectrum) in cases {
            let pieces = cut_tensor(name, shape);
            assert_eq!(pieces.len(), 1, "{name} {shape:?}");
            let piece = &pieces[0];
            assert_eq!((piece.name.as_str(), &piece.shape[..], piece.offset), (name, want, 0));
            assert_eq!(piece.no_spectrum.is_none(), spectrum, "{name} {shape:?}");
        }
        for name in [
            "model.layers.1.mlp.experts.gate_up_proj",
            "model.layers.1.block_sparse_moe.input_linear.weight",
            "model.layers.1.mlp.switch_mlp.up_proj.weight",
            "model.layers.1.moe.w1.weight",
            "blk.1.ffn_gate_exps.weight",
            "model.layers.1.feed_forward.down_proj.weight",
        ] {
            let pieces = cut_tensor(name, &[2, 3, 5]);
            let found: Vec<_> =
                pieces.iter().map(|p| (p.name.as_str(), &p.shape[..], p.offset)).collect();
            let names = [format!("{name}[0]"), format!("{name}[1]")];
            assert_eq!(found, [(&*names[0], &[3, 5][..], 0), (&*names[1], &[3, 5], 15)]);
        }
        assert_eq!(cut_tensor("mlp.experts.odd", &[1 << 20, 1, 2]).len(), 1, "no so many experts");
    }

    #[test]
    fn the_list_of_kinds_is_what_the_rules_do() {
        let shape = |of: &str| -> Vec<u64> {
            of.trim_matches(['[', ']']).split(", ").map(|side| side.parse().unwrap_or(4)).collect()
        };
        for kind in KINDS {
            let (name, sides) = kind.example.split_once(' ').expect("a name and a shape");
            let pieces = cut_tensor(name, &shape(sides));
            assert_eq!(pieces.len() > 1, kind.what == "stacked experts", "{}", kind.what);
            assert_eq!(
                pieces[0].no_spectrum.is_some(),
                kind.detail.contains("without spectra"),
                "{}",
                kind.what
            );
        }
    }
}
