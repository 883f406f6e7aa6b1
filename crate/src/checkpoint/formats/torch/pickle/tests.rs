//! Pickles that Python wrote, and bytes that are no good ones.

use super::*;
use std::rc::Rc;

/// Python's pickle of a dict of one value of each kind, by protocol 2.
const PROTOCOL_2: &[u8] = b"\x80\x02}q\x00(X\x04\x00\x00\x00noneq\x01NX\x05\x00\x00\x00boolsq\x02]\
q\x03(\x88\x89eX\x04\x00\x00\x00intsq\x04(K\x00K\xffM\xff\xffJ\xff\xff\xff\xff\x8a\x06\x00\x00\x00\
\x00\x00\x01\x8a\t\x00\x00\x00\x00\x00\x00\x00\x00@tq\x05X\x05\x00\x00\x00floatq\x06G?\xe0\x00\x00\
\x00\x00\x00\x00X\x05\x00\x00\x00bytesq\x07c_codecs\nencode\nq\x08X\x03\x00\x00\x00\x00\xc3\xbfq\t\
X\x06\x00\x00\x00latin1q\n\x86q\x0bRq\x0cX\x03\x00\x00\x00setq\rc__builtin__\nset\nq\x0e]q\x0fK\
\x07a\x85q\x10Rq\x11X\x06\x00\x00\x00frozenq\x12c__builtin__\nfrozenset\nq\x13]q\x14K\x08a\x85q\
\x15Rq\x16X\x07\x00\x00\x00orderedq\x17ccollections\nOrderedDict\nq\x18)Rq\x19(X\x01\x00\x00\x00b\
q\x1aX\x01\x00\x00\x00sq\x1bK\x01\x86q\x1cX\x01\x00\x00\x00aq\x1dh\x1cuX\x04\x00\x00\x00textq\x1eX\
\x02\x00\x00\x00\xc3\xbcq\x1fu.";
/// The same by protocol 5.
const PROTOCOL_5: &[u8] = b"\x80\x05\x95\xc7\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x04none\x94N\
\x8c\x05bools\x94]\x94(\x88\x89e\x8c\x04ints\x94(K\x00K\xffM\xff\xffJ\xff\xff\xff\xff\x8a\x06\x00\
\x00\x00\x00\x00\x01\x8a\t\x00\x00\x00\x00\x00\x00\x00\x00@t\x94\x8c\x05float\x94G?\xe0\x00\x00\
\x00\x00\x00\x00\x8c\x05bytes\x94C\x02\x00\xff\x94\x8c\x03set\x94\x8f\x94(K\x07\x90\x8c\x06frozen\
\x94(K\x08\x91\x94\x8c\x07ordered\x94\x8c\x0bcollections\x94\x8c\x0bOrderedDict\x94\x93\x94)R\x94(\
\x8c\x01b\x94\x8c\x01s\x94K\x01\x86\x94\x8c\x01a\x94h\x14u\x8c\x04text\x94\x8c\x02\xc3\xbc\x94u.";

fn str(text: &str) -> Value {
    Value::Str(text.into())
}

fn ints(numbers: &[i64]) -> Vec<Value> {
    numbers.iter().map(|n| Value::Int(*n)).collect()
}

/// Why a pickle is refused.
fn refusal(bytes: &[u8]) -> String {
    read("a.pt", bytes, &[]).expect_err("a bad pickle").to_string()
}

#[test]
fn every_kind_of_value_is_read_by_old_and_new_protocols() {
    let mut integers = ints(&[0, 255, 65535, -1, 1 << 40]);
    integers.push(Value::BigInt([0, 0, 0, 0, 0, 0, 0, 0, 0x40].into()));
    let pair = Value::Tuple([str("s"), Value::Int(1)].into());
    let want = Value::Dict(
        [
            (str("none"), Value::None),
            (str("bools"), Value::List([Value::Bool(true), Value::Bool(false)].into())),
            (str("ints"), Value::Tuple(integers.into())),
            (str("float"), Value::Float(0.5)),
            (str("bytes"), Value::Bytes([0, 0xff].into())),
            (str("set"), Value::Set(ints(&[7]).into())),
            (str("frozen"), Value::Set(ints(&[8]).into())),
            (str("ordered"), Value::Dict([(str("b"), pair.clone()), (str("a"), pair)].into())),
            (str("text"), str("ü")),
        ]
        .into(),
    );
    for bytes in [PROTOCOL_2, PROTOCOL_5] {
        let value = read("a.pt", bytes, &[]).expect("a good pickle");
        assert_eq!(value, want);
        let Some(Value::Dict(pairs)) = value.get("ordered") else { panic!("a dict") };
        let [(_, Value::Tuple(one)), (_, Value::Tuple(other))] = &**pairs else { panic!("tuples") };
        assert!(Rc::ptr_eq(one, other), "what is shared in the pickle is shared");
    }
}

#[test]
fn calls_become_objects_that_say_what_would_be_called() {
    let bytes = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\n\
        FloatStorage\nX\x01\x00\x00\x000tQK\x00tR}X\x01\x00\x00\x00gK\x05sb.rest";
    let (value, length) = read_first(bytes, &[]).expect("a good pickle");
    assert_eq!(&bytes[length..], b"rest");
    let object = value.as_object_of("torch._utils", "_rebuild_tensor_v2").expect("a tensor");
    assert_eq!(object.attribute("g").and_then(Value::as_u64), Some(5));
    let [Value::Persistent(id), Value::Int(0)] = &*object.args else { panic!("{object:?}") };
    let [kind, class, key] = id.items().expect("a tuple") else { panic!("{id:?}") };
    assert_eq!((kind.as_str(), key.as_str()), (Some("storage"), Some("0")));
    assert!(class.as_global().expect("a class").is("torch", "FloatStorage"));
}

#[test]
fn classes_beside_the_lists_are_refused_by_name() {
    let call = b"\x80\x02cnt\nsystem\nX\x02\x00\x00\x00ls\x85R.";
    let why = refusal(call);
    assert!(why.starts_with("a.pt: it needs the class nt.system, which only Python"), "{why}");
    let class = b"\x80\x04\x8c\x06my.own\x8c\x05Model\x93)\x81.";
    assert!(refusal(class).contains("the class my.own.Model"));
    let extra: &ClassList = &[("my.own", &["Model"])];
    let value = read("a.pt", class, extra).expect("a class on a list");
    assert!(value.as_object_of("my.own", "Model").is_some());
}

#[test]
fn bad_pickles_are_refused_with_the_reason() {
    let deep = [b"\x80\x02".to_vec(), vec![b']'; 101], vec![b'a'; 100], vec![b'.']].concat();
    assert!(read("a.pt", &deep, &[]).is_ok());
    let deeper = [b"\x80\x02".to_vec(), vec![b']'; 102], vec![b'a'; 101], vec![b'.']].concat();
    // Each list holds the one before it twice.
    let mut often = b"\x80\x02]q\x00".to_vec();
    (0..90).for_each(|_| often.extend(b"]h\x00ah\x00aq\x00"));
    often.push(b'.');
    // A set of the same long list, again and again.
    let mut copies = b"\x80\x02](".to_vec();
    copies.extend([b'N'; 200]);
    copies.extend(b"eq\x00");
    (0..90).for_each(|_| copies.extend(b"cbuiltins\nset\nh\x00\x85R"));
    copies.extend(b"\x85.");
    let table: [(&[u8], &str); 14] = [
        (b"", "truncated"),
        (b"\x80\x02K", "truncated"),
        (b"\x80\x02X\xff\xff\xff\xffa", "truncated"),
        (b"PK\x03\x04", "no pickle"),
        (b"\x80\x09N.", "protocol 9"),
        (b"\x80\x02.", "more from the stack than there is"),
        (b"\x80\x02N(\x85.", "more from the stack than there is"),
        (b"\x80\x02h\x07.", "never stored"),
        (b"\x80\x02]q\x00h\x00a.", "holds itself"),
        (b"\x80\x02X\x01\x00\x00\x00\xff.", "not UTF-8"),
        (b"\x80\x02cposix\nsystem\n)R.", "posix.system"),
        (&deeper, "nested more than"),
        (&often, "too often"),
        (&copies, "copies the same values too often"),
    ];
    for (bytes, want) in table {
        let why = refusal(bytes);
        assert!(why.contains(want), "{bytes:?}: {why}");
    }
}

#[test]
fn prefixes_and_changed_bytes_never_panic() {
    for bytes in [PROTOCOL_2, PROTOCOL_5] {
        for end in 0..bytes.len() {
            assert_eq!(read_first(&bytes[..end], &[]), Err(Failure::Ended), "{end}");
        }
        for place in 0..bytes.len() {
            for change in [0, 1, 0x7f, 0x80, 0xff, b'.', b'(', b'R', b'b', b'u', b'Q', 0x93] {
                let mut changed = bytes.to_vec();
                changed[place] = change;
                // Reading it is the test.
                let _ = read_first(&changed, &[]);
            }
        }
    }
}
