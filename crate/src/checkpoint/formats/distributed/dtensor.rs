//! The parts of tensors in a rank's pickle: DTensor and ShardedTensor.
//!
//! Both are pickled as `_rebuild_from_type_v2(_rebuild_wrapper_subclass, class, arguments, state)`:
//! the arguments hold the shape of the whole, the state the rank's own tensor and its place.

use crate::checkpoint::formats::distributed::placements::{
    MeshDimension, Piece, Placement, find_pieces,
};
use crate::checkpoint::formats::torch::pickle::{ClassList, Object, Value};

/// The classes that such pickles name beside the usual ones: of torch 2.1 and later.
pub(crate) const CLASSES: &ClassList = &[
    ("torch.distributed.tensor", &["DTensor"]),
    ("torch.distributed.tensor._api", &["DTensor"]),
    ("torch.distributed._tensor.api", &["DTensor"]),
    ("torch.distributed.tensor._dtensor_spec", &["DTensorSpec", "TensorMeta", "ShardOrderEntry"]),
    ("torch.distributed._tensor.placement_types", PLACEMENT_TYPES),
    ("torch.distributed.tensor.placement_types", PLACEMENT_TYPES),
    ("torch.distributed.device_mesh", &["DeviceMesh"]),
    ("torch.distributed._tensor.device_mesh", &["DeviceMesh"]),
    ("torch.distributed._mesh_layout", &["_MeshLayout", "_FlatLayout"]),
    (
        "torch.distributed._shard.sharded_tensor.api",
        &["ShardedTensor", "ShardedTensor.ProcessGroupState"],
    ),
    ("torch.distributed._shard.sharded_tensor.shard", &["Shard"]),
    ("torch.distributed._shard.metadata", &["ShardMetadata"]),
    (
        "torch.distributed._shard.sharded_tensor.metadata",
        &["ShardedTensorMetadata", "TensorProperties", "MEM_FORMAT_ENCODING"],
    ),
    ("torch.distributed._shard.sharding_spec.api", SHARDING_SPECS),
    ("torch.distributed._shard.sharding_spec.chunk_sharding_spec", &["ChunkShardingSpec"]),
    ("torch.distributed.remote_device", &["_remote_device"]),
    // By it, protocol 2 names a class inside another.
    ("builtins", &["getattr"]),
];

const PLACEMENT_TYPES: &[&str] =
    &["Shard", "_StridedShard", "Replicate", "Partial", "_Partial", "DTensorSpec", "TensorMeta"];
const SHARDING_SPECS: &[&str] = &["EnumerableShardingSpec", "ShardingSpec"];

/// A rank's part of a tensor.
#[derive(Debug)]
pub(crate) struct LocalPart<'a> {
    /// The rank's own tensor.
    pub tensor: &'a Value,
    /// Its shape.
    pub shape: Vec<u64>,
    /// The boxes of the whole that it holds.
    pub pieces: Vec<Piece>,
}

/// All that a rank holds of a tensor.
#[derive(Debug)]
pub(crate) struct RankTensor<'a> {
    /// The shape of the whole.
    pub shape: Vec<u64>,
    /// The parts.
    pub parts: Vec<LocalPart<'a>>,
}

/// Reads a value as a DTensor or ShardedTensor that rank `rank` of `ranks` saved; `None` where it
/// is neither.
///
/// # Errors
/// A sentence where its description is not as PyTorch writes it, or of a kind that is not joined.
pub(crate) fn read_rank_tensor(
    value: &Value,
    rank: u64,
    ranks: u64,
) -> Option<Result<RankTensor<'_>, String>> {
    let mut object = value.as_object()?;
    if &*object.class.name == "_rebuild_parameter" {
        object = object.args.first()?.as_object()?;
    }
    if !object.class.is("torch._tensor", "_rebuild_from_type_v2") {
        return None;
    }
    let [_, class, arguments, state] = &object.args[..] else { return None };
    let class = class.as_global()?;
    let shape = arguments.items().and_then(|items| items.get(2)?.as_u64s());
    match &*class.name {
        "DTensor" => Some(shape.ok_or_else(|| "it tells no shape".to_owned()).and_then(|shape| {
            let part = read_dtensor(state, &shape, rank, ranks)?;
            Ok(RankTensor { shape, parts: vec![part] })
        })),
        "ShardedTensor" => Some(
            shape
                .zip(read_shards(state))
                .map(|(shape, parts)| RankTensor { shape, parts })
                .ok_or_else(|| "its shards are not described as PyTorch does".to_owned()),
        ),
        _ => None,
    }
}

/// The value of an attribute that must be there.
fn get<'a>(value: Option<&'a Value>, what: &str) -> Result<&'a Value, String> {
    value.ok_or_else(|| format!("it tells no {what}"))
}

/// Reads the state of a DTensor of this shape.
fn read_dtensor<'a>(
    state: &'a Value,
    shape: &[u64],
    rank: u64,
    ranks: u64,
) -> Result<LocalPart<'a>, String> {
    // They are slots, in the second of two dicts; a dict alone is taken, too.
    let attribute = |name: &str| match state {
        Value::Tuple(dicts) => dicts.iter().find_map(|dict| dict.get(name)),
        _ => state.get(name),
    };
    let tensor = get(attribute("_local_tensor"), "local tensor")?;
    let spec = get(attribute("_spec"), "specification")?;
    let spec = spec.as_object().ok_or("its specification is none")?;
    let mesh = get(spec.attribute("mesh"), "device mesh")?;
    let mesh = mesh.as_object().ok_or("its device mesh is none")?;
    let mesh = read_mesh(mesh, rank, ranks).ok_or("its device mesh is not read")?;
    let placements = get(spec.attribute("placements"), "placements")?;
    let placements = placements.items().ok_or("its placements are none")?;
    let placements = placements.iter().map(read_placement).collect::<Result<Vec<_>, _>>()?;
    let (shape, pieces) = find_pieces(shape, &mesh, &placements)?;
    Ok(LocalPart { tensor, shape, pieces })
}

/// Reads a placement.
fn read_placement(value: &Value) -> Result<Placement, String> {
    let object = value.as_object().ok_or("a placement is no object")?;
    let number = |name| get(object.attribute(name).filter(|n| n.as_u64().is_some()), name);
    let dim = || {
        let dim = number("dim")?.as_u64().unwrap_or_default();
        usize::try_from(dim).map_err(|_| format!("its dimension {dim} is too large"))
    };
    match &*object.class.name {
        "Replicate" => Ok(Placement::Replicate),
        "Shard" => Ok(Placement::Shard { dim: dim()? }),
        "_StridedShard" => {
            let factor = number("split_factor")?.as_u64().unwrap_or_default();
            Ok(Placement::Strided { dim: dim()?, factor })
        }
        other => Err(format!(
            "it is placed as {other}, which is a sum over ranks and not a part of the tensor"
        )),
    }
}

/// The sizes of a mesh's dimensions with the rank's places. Where the mesh does not tell the
/// places, they follow from the rank, if the mesh has all ranks.
fn read_mesh(mesh: &Object, rank: u64, ranks: u64) -> Option<Vec<MeshDimension>> {
    let sizes = read_mesh_sizes(mesh)?;
    let places = mesh.attribute("_coordinate_on_dim").and_then(Value::as_u64s).or_else(|| {
        let all = sizes.iter().try_fold(1u64, |product, size| product.checked_mul(*size))?;
        (all == ranks).then(|| {
            let mut rest = rank;
            let places = sizes.iter().rev().map(|size| {
                let place = rest % (*size).max(1);
                rest /= (*size).max(1);
                place
            });
            places.collect::<Vec<_>>().into_iter().rev().collect()
        })
    })?;
    (places.len() == sizes.len()).then(|| sizes.into_iter().zip(places).collect())
}

/// The number of ranks along each dimension of a mesh.
fn read_mesh_sizes(mesh: &Object) -> Option<Vec<u64>> {
    if let Some(layout) = mesh.attribute("_layout").and_then(Value::as_object) {
        if let Some(axes) = layout.attribute("axes").and_then(Value::items) {
            let shape = |axis: &Value| product(axis.as_object()?.attribute("shape")?);
            return axes.iter().map(shape).collect();
        }
        let shape = layout.attribute("shape").or_else(|| layout.args.first())?;
        return match shape {
            Value::Int(_) => Some(vec![shape.as_u64()?]),
            _ => shape.items()?.iter().map(product).collect(),
        };
    }
    // The shape of the tensor of ranks.
    let ranks = mesh.attribute("mesh").or_else(|| mesh.attribute("_mesh"))?.as_object()?;
    ranks.args.get(2)?.as_u64s()
}

/// A number, or the product of numbers in tuples of tuples.
fn product(value: &Value) -> Option<u64> {
    match value {
        Value::Int(_) => value.as_u64(),
        _ => value
            .items()?
            .iter()
            .try_fold(1u64, |all, item| all.checked_mul(item.as_u64().or_else(|| product(item))?)),
    }
}

/// Reads the shards of a ShardedTensor's state.
fn read_shards(state: &Value) -> Option<Vec<LocalPart<'_>>> {
    let shards = state.items()?.first()?.items()?;
    let read = |shard: &Value| {
        let Value::Object(shard) = shard else { return None };
        let metadata = shard.attribute("metadata")?.as_object()?;
        let offsets = metadata.attribute("shard_offsets")?.as_u64s()?;
        let lengths = metadata.attribute("shard_sizes")?.as_u64s()?;
        Some((offsets, lengths))
    };
    shards
        .iter()
        .map(|shard| {
            let (offsets, lengths) = read(shard)?;
            let tensor = shard.as_object()?.attribute("tensor")?;
            let shape = lengths.clone();
            Some(LocalPart { tensor, shape, pieces: vec![Piece { offsets, lengths, row: 0 }] })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::formats::torch::pickle::Class;
    use std::rc::Rc;

    fn text(text: &str) -> Value {
        Value::Str(text.into())
    }

    fn ints(numbers: &[i64]) -> Value {
        Value::Tuple(numbers.iter().map(|n| Value::Int(*n)).collect())
    }

    fn dict(entries: Vec<(&str, Value)>) -> Value {
        Value::Dict(entries.into_iter().map(|(key, value)| (text(key), value)).collect())
    }

    fn object(module: &str, name: &str, args: Vec<Value>, state: Option<Value>) -> Value {
        let class = Rc::new(Class { module: module.into(), name: name.into() });
        Value::Object(Rc::new(Object { class, args: args.into(), state }))
    }

    /// A DTensor of 7 rows as older versions pickle it: its mesh is a tensor of ranks.
    fn old_dtensor(placement: &str, mesh: Vec<(&str, Value)>) -> Value {
        let api = "torch.distributed._tensor.api";
        let class = Value::Global(Rc::new(Class { module: api.into(), name: "DTensor".into() }));
        let placement = object(
            "torch.distributed._tensor.placement_types",
            placement,
            vec![],
            Some(dict(vec![("dim", Value::Int(0))])),
        );
        let mesh = object("torch.distributed.device_mesh", "DeviceMesh", vec![], Some(dict(mesh)));
        let placements = Value::Tuple([placement].into());
        let spec = dict(vec![("mesh", mesh), ("placements", placements)]);
        let spec = object("torch.distributed._tensor.placement_types", "DTensorSpec", vec![], {
            Some(spec)
        });
        let slots = dict(vec![("_local_tensor", text("its tensor")), ("_spec", spec)]);
        let state = Value::Tuple([dict(vec![]), slots].into());
        let arguments = Value::Tuple([class.clone(), text("dtype"), ints(&[7, 2])].into());
        let args = vec![Value::None, class, arguments, state];
        object("torch._tensor", "_rebuild_from_type_v2", args, None)
    }

    fn ranks() -> (&'static str, Value) {
        let args = vec![Value::None, Value::Int(0), ints(&[3]), ints(&[1])];
        ("mesh", object("torch._utils", "_rebuild_tensor_v2", args, None))
    }

    #[test]
    fn reads_the_form_of_older_versions() {
        let place = ("_coordinate_on_dim", Value::List([Value::Int(2)].into()));
        for mesh in [vec![ranks()], vec![ranks(), place]] {
            let value = old_dtensor("Shard", mesh);
            let read = read_rank_tensor(&value, 2, 3).expect("a DTensor").expect("a good one");
            assert_eq!(read.shape, [7, 2]);
            assert_eq!(
                (&read.parts[0].shape, read.parts[0].pieces[0].offsets[0]),
                (&vec![1, 2], 6)
            );
        }
        let parameter = object(
            "torch._utils",
            "_rebuild_parameter",
            vec![old_dtensor("Shard", vec![ranks()])],
            None,
        );
        assert!(read_rank_tensor(&parameter, 2, 3).is_some_and(|read| read.is_ok()));
    }

    #[test]
    fn says_what_is_not_joined() {
        for (placement, mesh, message) in [
            ("_Partial", vec![ranks()], "a sum over ranks"),
            ("Shard", vec![], "device mesh is not read"),
        ] {
            let value = old_dtensor(placement, mesh);
            let why = read_rank_tensor(&value, 2, 3).expect("a DTensor").expect_err(message);
            assert!(why.contains(message), "{why}");
        }
        // Without places, a mesh of part of the ranks leaves them open.
        let value = old_dtensor("Shard", vec![ranks()]);
        assert!(read_rank_tensor(&value, 2, 6).expect("a DTensor").is_err());
        assert!(read_rank_tensor(&text("no tensor"), 0, 1).is_none());
    }
}
