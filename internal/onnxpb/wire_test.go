package onnxpb_test

import (
	"encoding/binary"
	"slices"
)

// The functions of this file write protobuf by hand, so that tests can write
// what our own writer never would.

// join is a message of the given fields.
func join(fields ...[]byte) []byte { return slices.Concat(fields...) }

// bytesField is a field with a length: bytes, a string or a message.
func bytesField(num int, parts ...[]byte) []byte {
	body := join(parts...)
	b := binary.AppendUvarint(nil, uint64(num<<3|2))
	return append(binary.AppendUvarint(b, uint64(len(body))), body...)
}

func textField(num int, s string) []byte { return bytesField(num, []byte(s)) }

func intField(num int, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, uint64(num<<3)), v)
}

// model is a model whose graph has the given fields.
func model(fields ...[]byte) []byte { return bytesField(7, fields...) }

// node is a graph's field with a node of the given fields.
func node(fields ...[]byte) []byte { return bytesField(1, fields...) }

// initializer is a graph's field with a tensor of the given fields.
func initializer(fields ...[]byte) []byte { return bytesField(5, fields...) }
