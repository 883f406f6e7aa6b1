"""Makes safetensors files whose headers are good, odd or wrong, each with a name for what it is."""

import itertools
import json
import struct

GOOD = '"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'
EIGHT = bytes(range(8))


def pack(text, data=b"", length=None):
    """Returns the bytes of a file with this header, whose length may be told wrongly."""
    text = text.encode() if isinstance(text, str) else text
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(dtype='"F32"', shape="[2]", offsets="[0,8]", more=""):
    """Returns a header of one tensor, from the texts of its fields."""
    return f'{{"w":{{"dtype":{dtype},"shape":{shape},"data_offsets":{offsets}{more}}}}}'


def tensor(name, start, stop, dtype="F32", shape=None):
    """Returns the entry of one tensor, whose shape is that of F32 where it is not given."""
    shape = [(stop - start) // 4] if shape is None else shape
    fields = {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}
    return f"{json.dumps(name)}:{json.dumps(fields)}"


def list_lengths():
    """Yields files that are cut, padded, or tell their lengths wrongly."""
    good = pack(f"{{{GOOD}}}", EIGHT)
    for size in (0, 1, 7, 8, 9, 20, len(good) - 9, len(good) - 1):
        yield f"cut to {size}", good[:size]
    yield "a byte too many", good + b"\0"
    yield "a page too many", good + bytes(4096)
    for length in (0, 1, 2, 100_000_000, 100_000_001, 2**32, 2**63, 2**64 - 8, 2**64 - 1):
        yield f"length {length}", pack(f"{{{GOOD}}}", EIGHT, length)
    for pad in (" ", "  ", "\n", "\t", "\r\n", "\0", "\v", "\ufeff", "x"):
        yield f"padded behind with {pad!r}", pack(f"{{{GOOD}}}{pad}", EIGHT)
        yield f"padded before with {pad!r}", pack(f"{pad}{{{GOOD}}}", EIGHT)
        yield f"padded inside with {pad!r}", pack(f"{{{pad}{GOOD}{pad}}}", EIGHT)


def list_texts():
    """Yields headers that are other JSON, or none."""
    texts = ["", "{}", "[]", "null", "0", '""', "{", "}", "{}{}", "{},", "[{}]", "nul", "{1:2}"]
    texts += ['{"w":null}', '{"w":[]}', '{"w":{}}', '{"w":0}', '{"":0}', "{'w':0}", '{"w"}']
    texts += [f"{{{GOOD},}}", f"{{,{GOOD}}}", f"{{{GOOD}//\n}}", f"{{{GOOD}"]
    for text in texts:
        yield f"text {text[:20]!r} {len(text)}", pack(text, EIGHT)
        yield f"text {text[:20]!r} {len(text)} without data", pack(text)
    for bad in (b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf"):
        yield f"bytes {bad!r} in a name", pack(GOOD.encode().join([b'{"' + bad + b'":0,', b"}"]))
        unknown = entry(more=',"x":"?"').encode().replace(b"?", bad)
        yield f"bytes {bad!r} in a field", pack(unknown, EIGHT)
    for name in ("", " ", "a/b", "..", "\\u0000", "\\ud83d\\ude00", "\\ud800", "ü", "\\n", "\\x"):
        yield f"name {name!r}", pack(f"{{{GOOD}}}".replace('"w"', f'"{name}"'), EIGHT)
    yield "a long name", pack(f"{{{GOOD}}}".replace('"w"', f'"{"n" * 100_000}"'), EIGHT)


def list_fields():
    """Yields entries with odd fields: of other types, twice, missing, unknown, without names."""
    for dtype in [
        "BOOL",
        "U8",
        "I8",
        "I16",
        "U16",
        "I32",
        "U32",
        "I64",
        "U64",
        "F16",
        "BF16",
        "F32",
        "F64",
        "F8_E4M3",
        "F8_E5M2",
        "F8_E8M0",
        "F8_E4M3FNUZ",
        "F8_E5M2FNUZ",
        "F6_E2M3",
        "F6_E3M2",
        "F4",
        "C64",
        "F128",
        "f32",
        "float32",
        "F32_",
        "I4",
    ]:
        for count in (8, 16, 4, 2, 1, 0):
            yield f"{dtype} {count}", pack(entry(f'"{dtype}"', f"[{count}]"), EIGHT)
    for dtype in (
        "null",
        "0",
        "[]",
        '["F32"]',
        "{}",
        '{"F32":null}',
        '{"F32":{}}',
        '{"F32":[]}',
        '{"F32":0}',
        '{"F32":null,"F16":null}',
        '{"F32":null,"F32":null}',
        "true",
        "11",
        '{"F32":{"a":0}}',
        '{"F99":null}',
        '"\\u004632"',
    ):
        yield f"dtype {dtype}", pack(entry(dtype), EIGHT)
    for shape in (
        "null",
        "2",
        '"2"',
        "{}",
        '["2"]',
        "[2.0]",
        "[2e0]",
        "[-2]",
        "[-0]",
        "[null]",
        "[[2]]",
        "[2,]",
        "[02]",
        "[1,2]",
        "[2,1,1,1]",
        "[]",
        "[0]",
        "[0,2]",
        "[2,0]",
        "[3]",
        "[4294967298]",
        "[18446744073709551615]",
        "[18446744073709551616]",
        "[4611686018427387904,4]",
        "[4611686018427387904,4,0]",
        "[0,4611686018427387904,4]",
        "[4611686018427387906]",
        "[2305843009213693952]",
        "[2305843009213693952,0]",
        "[9223372036854775808,2]",
        "[9223372036854775809,2]",
        "[1e400]",
        "[true]",
    ):
        yield f"shape {shape}", pack(entry(shape=shape), EIGHT)
        yield f"shape {shape} without data", pack(entry(shape=shape, offsets="[0,0]"))
    yield "rank 0", pack(entry(shape="[]", offsets="[0,4]"), EIGHT[:4])
    yield "rank 5,000", pack(entry(shape=f"[2{',1' * 4999}]"), EIGHT)
    yield "rank 1,048,577", pack(entry(shape=f"[2{',1' * (1 << 20)}]"), EIGHT)
    for offsets in (
        "null",
        "[]",
        "[0]",
        "[0,8,8]",
        "[8,0]",
        "[0,-8]",
        "[0.0,8]",
        '["0",8]',
        "{}",
        "[[0,8]]",
        "[0,8.0]",
        "[1,9]",
        "[0,7]",
        "[0,9]",
        "[0,18446744073709551616]",
        "[18446744073709551608,0]",
        "[0,18446744073709551615]",
        "8",
        '"0,8"',
    ):
        yield f"offsets {offsets}", pack(entry(offsets=offsets), EIGHT)
    for field in (
        '"dtype":"F32"',
        '"shape":[2]',
        '"data_offsets":[0,8]',
        '"dtype":"F16"',
        '"shape":[4]',
        '"x":0',
        '"x":0,"x":0',
        '"x":1e999',
        '"x":-1e999',
        '"x":"\\ud800"',
        '"x":"\\q"',
        '"x":nul',
        '"x":{"a":[{}]}',
        '"":0',
        '"x":01',
        '"x":"\t"',
        '"\\ud800":0',
        '"x":99999999999999999999',
        '"Dtype":"F32"',
    ):
        yield f"and {field}", pack(entry(more=f",{field}"), EIGHT)
    for depth in (100, 124, 125, 126, 127, 128, 200, 100_000):
        nested = "[" * depth + "]" * depth
        yield f"nested {depth}", pack(entry(more=f',"x":{nested}'), EIGHT)
    for lost in ('"dtype":"F32",', '"shape":[2],', ',"data_offsets":[0,8]'):
        yield f"without {lost}", pack(f"{{{GOOD}}}".replace(lost, ""), EIGHT)
    for seq in ('["F32",[2],[0,8]]', '["F32",[2],[0,8],0]', '["F32",[2]]', '[[2],"F32",[0,8]]'):
        yield f"as {seq}", pack(f'{{"w":{seq}}}', EIGHT)


def list_metadata():
    """Yields headers with `__metadata__` of all kinds."""
    for value in (
        "{}",
        "null",
        "[]",
        "0",
        '""',
        "true",
        '{"a":"b"}',
        '{"a":0}',
        '{"a":null}',
        '{"a":{}}',
        '{"a":["b"]}',
        '{"a":"b","a":"c"}',
        '{"a":"\\ud800"}',
        '{"":""}',
        '{"format":"pt"}',
        '{"a":"b",}',
        '{"dtype":"F32","shape":[2],"data_offsets":[0,8]}',
    ):
        yield f"metadata {value}", pack(f'{{"__metadata__":{value},{GOOD}}}', EIGHT)
        yield f"metadata {value} behind", pack(f'{{{GOOD},"__metadata__":{value}}}', EIGHT)
        yield f"metadata {value} alone", pack(f'{{"__metadata__":{value}}}')
    for one, other in itertools.product(('{"a":"b"}', "null", "{}"), repeat=2):
        twice = f'{{"__metadata__":{one},{GOOD},"__metadata__":{other}}}'
        yield f"metadata {one} and {other}", pack(twice, EIGHT)
    for name in ("__metadata", "__Metadata__", "metadata", "\\u005f_metadata__"):
        yield f"metadata as {name}", pack(f'{{"{name}":{{"a":"b"}},{GOOD}}}', EIGHT)


def list_layouts():
    """Yields files of several tensors: in other orders, with holes and overlaps, named twice."""
    a, b = tensor("a", 0, 4), tensor("b", 4, 8)
    layouts = {
        "in order": [a, b],
        "in another order": [b, a],
        "a hole before": [tensor("a", 4, 8)],
        "a hole between": [a, tensor("b", 8, 12)],
        "a hole behind": [a],
        "an overlap": [tensor("a", 0, 8), b],
        "the same place": [a, tensor("b", 0, 4)],
        "the same place, to the end": [tensor("a", 0, 8), tensor("b", 0, 8)],
        "unknown beside good": [a, tensor("b", 4, 8, "F99")],
        "unknown of wrong size": [a, tensor("b", 4, 8, "F99", [77])],
        "unknown with a hole": [a, tensor("b", 5, 8, "F99")],
        "half a byte": [tensor("a", 0, 1, "F4", [2]), tensor("b", 1, 8, "U8", [7])],
        "not whole bytes": [tensor("a", 0, 1, "F4", [1]), tensor("b", 1, 8, "U8", [7])],
        "twice the same": [a, b, b],
        "twice, the first good": [a, b, tensor("b", 8, 12)],
        "twice, the last good": [a, tensor("b", 8, 12), b],
        "twice, the first of another dtype": [tensor("w", 0, 8, "F64", [1]), tensor("w", 0, 8)],
        "twice, the first of a wrong size": [tensor("w", 0, 8, "F64", [5]), tensor("w", 0, 8)],
        "twice, the first unknown": [tensor("w", 0, 8, "F99", [1]), tensor("w", 0, 8)],
        "twice, one after the other": [tensor("w", 0, 4), tensor("w", 4, 8)],
        "twice, the first broken": ['"w":0', tensor("w", 0, 8)],
        "three times": [tensor("w", 0, 4), tensor("w", 4, 8), tensor("w", 0, 8)],
    }
    for place in range(3):
        empty = tensor("e", 4 * place, 4 * place, "F32", [0])
        layouts[f"an empty tensor at {4 * place}"] = [empty, b, a]
        layouts[f"two empty tensors at {4 * place}"] = [a, empty, b, empty.replace('"e"', '"f"')]
    layouts["an empty tensor beyond"] = [a, b, tensor("e", 12, 12, "F32", [0])]
    layouts["an empty tensor inside"] = [a, b, tensor("e", 2, 2, "F32", [0])]
    for name, entries in layouts.items():
        yield f"{name}", pack("{" + ",".join(entries) + "}", EIGHT)
        yield f"{name}, 12 bytes", pack("{" + ",".join(entries) + "}", bytes(12))


def list_files():
    """Returns all files: pairs of a name and bytes."""
    parts = (list_lengths, list_texts, list_fields, list_metadata, list_layouts)
    return [file for part in parts for file in part()]
