"""Makes the golden files of this folder with the onnx package itself.

    apt-get install python3-onnx libonnx-testdata
    /usr/bin/python3 golden.py

every.onnx holds a field of every kind. every.txt is what the package reads from
it, one field a line; dump in golden_test.go prints the same from our structs.
corpus.txt has the CRC-32 of such a text for each model of libonnx-testdata, in
the order of their paths.
"""

import os
import struct
import zlib

import onnx
from onnx import AttributeProto, TensorProto, helper

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = "/usr/share/libonnx-testdata/data"


def number(field, v):
    if field.type == field.TYPE_FLOAT:
        return "%08x" % struct.unpack("<I", struct.pack("<f", v))
    if field.type == field.TYPE_DOUBLE:
        return "%016x" % struct.unpack("<Q", struct.pack("<d", v))
    return str(v)


def text(v):
    b = v.encode() if isinstance(v, str) else v
    if len(b) > 32:
        return "%d bytes %08x" % (len(b), zlib.crc32(b))
    return b.hex() if any(c < 32 or c > 126 for c in b) else "'%s'" % b.decode()


OPAQUE = {"sparse_tensor", "sparse_tensors", "sparse_initializer", "quantization_annotation", "training_info",
          "segment", "opaque_type"}


def dump(m, indent, out):
    for field, v in m.ListFields():
        for x in v if field.label == field.LABEL_REPEATED else [v]:
            if field.name in OPAQUE:
                out.append(indent + field.name + " " + text(x.SerializeToString()))
            elif field.message_type:
                out.append(indent + field.name)
                dump(x, indent + " ", out)
            elif isinstance(x, (str, bytes)):
                if x or field.label == field.LABEL_REPEATED or field.name in ("s", "raw_data"):
                    out.append(indent + field.name + " " + text(x))
            elif x or field.label == field.LABEL_REPEATED or field.name == "dim_value":
                out.append(indent + field.name + " " + number(field, x))


def text_of(path):
    out = []
    dump(onnx.load(path, load_external_data=False), "", out)
    return "".join(line + "\n" for line in out)


def every():
    t = helper.make_tensor
    typed = [t("t_%d" % d, d, [2], [1, 0]) for d in range(1, 17) if d not in (TensorProto.STRING, 14, 15)]
    typed += [t("strings", TensorProto.STRING, [2], [b"a", b"b\xff"]),
              t("c64", 14, [1], [1 + 2j]), t("c128", 15, [1], [3 - 4j])]
    raw = [t("raw_f32", TensorProto.FLOAT, [1, 2], struct.pack("<2f", 1.5, -0.0), raw=True),
           t("raw_i64", TensorProto.INT64, [], struct.pack("<q", -7), raw=True),
           t("raw_none", TensorProto.FLOAT, [0, 3], b"", raw=True)]
    outside = TensorProto(name="outside", data_type=TensorProto.FLOAT, dims=[2], data_location=TensorProto.EXTERNAL)
    for k, v in (("location", "w.bin"), ("offset", "4096"), ("length", "8")):
        outside.external_data.add(key=k, value=v)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, None, 0])
    seq = helper.make_sequence_type_proto(helper.make_tensor_type_proto(TensorProto.INT64, None))
    mapped = onnx.TypeProto()
    mapped.map_type.key_type = TensorProto.STRING
    mapped.map_type.value_type.CopyFrom(seq)
    opaque = onnx.TypeProto(denotation="IMAGE")
    opaque.opaque_type.domain = "d"
    sparse = helper.make_sparse_tensor(t("sv", TensorProto.FLOAT, [1], [2.0]), t("si", TensorProto.INT64, [1], [3]), [5])
    kinds = dict(f=0.0, i=0, s="", floats=[1.0, -2.5], ints=[3, -4], strings=["p", "q"], t=typed[0], tensors=typed[:2])
    deep = helper.make_graph([helper.make_node("Identity", ["x"], ["z"])], "deep", [], [x])
    inner = helper.make_graph([helper.make_node("If", ["c"], ["z"], then_branch=deep, else_branch=deep)], "inner", [], [x])
    node = helper.make_node("Every", ["x", "", "c"], ["y", ""], name="n", doc_string="doc", domain="our.ops", **kinds)
    node.attribute.extend([helper.make_attribute("g", inner), helper.make_attribute("graphs", [deep, inner])])
    a = AttributeProto(name="sp", type=AttributeProto.SPARSE_TENSOR, sparse_tensor=sparse)
    b = AttributeProto(name="sps", type=AttributeProto.SPARSE_TENSORS, sparse_tensors=[sparse, sparse])
    c = AttributeProto(name="tp", type=AttributeProto.TYPE_PROTO, tp=mapped)
    d = AttributeProto(name="tps", type=AttributeProto.TYPE_PROTOS, type_protos=[seq, opaque])
    e = AttributeProto(name="ref", type=AttributeProto.INT, ref_attr_name="axis", doc_string="of the function")
    node.attribute.extend([a, b, c, d, e])
    outputs = [helper.make_value_info("y", helper.make_optional_type_proto(seq)), helper.make_value_info("m", mapped),
               helper.make_sparse_tensor_value_info("s", TensorProto.DOUBLE, [4])]
    g = helper.make_graph([node], "g", [x], outputs, typed + raw + [outside], "graph doc", [x], [sparse])
    q = g.quantization_annotation.add(tensor_name="x")
    q.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="scale")
    f = helper.make_function("our.ops", "F", ["a"], ["b"], [helper.make_node("Neg", ["a"], ["b"])],
                             [helper.make_opsetid("", 15)], ["axis"])
    opsets = [helper.make_opsetid("", 15), helper.make_opsetid("our.ops", 2)]
    m = helper.make_model(g, producer_name="golden.py", opset_imports=opsets, functions=[f])
    m.producer_version, m.domain, m.model_version, m.doc_string = "1", "ai.quintet", -3, ""
    helper.set_model_props(m, {"key": "value", "empty": ""})
    m.training_info.add().algorithm.name = "train"
    return m


def main():
    path = os.path.join(HERE, "every.onnx")
    with open(path, "wb") as f:
        f.write(every().SerializeToString())
    with open(os.path.join(HERE, "every.txt"), "w") as f:
        f.write(text_of(path))
    models = sorted(os.path.join(d, f) for d, _, files in os.walk(CORPUS) for f in files if f == "model.onnx")
    with open(os.path.join(HERE, "corpus.txt"), "w") as f:
        for p in models:
            f.write("%08x\n" % zlib.crc32(text_of(p).encode()))


if __name__ == "__main__":
    main()
