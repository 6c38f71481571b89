// Package onnxpb reads and writes ONNX files, without a protobuf library.
//
// [Read] turns the bytes of a file into a [Model] of plain structs, which
// [Model.Append] turns back into bytes:
//
//	m, err := onnxpb.Read(data)
//	if err != nil {
//		return err // says where: graph.node[3].attribute[1] at byte 812
//	}
//	for _, n := range m.Graph.Nodes {
//		fmt.Println(n.OpType, n.Inputs, "->", n.Outputs)
//	}
//	out := m.Append(nil)
//
// Structs and fields have the names of onnx.proto in Go's spelling; a field that
// holds its zero value is absent unless the file said otherwise.
//
// # What is kept
//
// A model that was read and not changed is written with the same meaning, and
// with the same bytes if the file was canonical: fields in the order of their
// numbers, shortest varints, each repeated field packed or not as a whole. That
// is what the libraries of protobuf write. Fields that this package does not
// know are kept byte for byte. Of a field that may occur once but occurs twice,
// messages are merged and of anything else the last one counts, as protobuf
// demands.
//
// # Memory
//
// Byte slices of a model that was read ([Tensor.Raw], string data, sparse
// tensors) are windows into data: the caller must not change it and must keep it
// mapped while the model is in use. Strings and numbers are copies. Read
// allocates at most 1 MiB plus 32 times the length of data, whatever data says;
// for a file that is mostly weights it is far less than the file. Its work is
// linear in the length of data.
//
// # Limits
//
// Reading checks the syntax, not the meaning: that names resolve, that nodes are
// in order or that an operator exists is the business of who runs the model.
// Tensors check that dimensions and data agree when their values are asked for.
// Messages are nested at most 100 deep, which allows subgraphs about 30 deep.
// Protobuf groups, a wire type that contradicts the known type of a field, and
// numbers outside the range of their field are errors. Sparse tensors,
// quantisation annotations, training information and device configurations are
// kept as raw bytes. Other libraries refuse files of 2 GiB and more; keep the
// weights of such models in external files ([Model.LoadExternal]).
package onnxpb
