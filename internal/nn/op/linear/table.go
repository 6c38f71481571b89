package linear

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
)

// Table holds the operators of ONNX itself.
var Table = op.Table{
	"Attention":       elementwise.Half(newStandardAttention),
	"Einsum":          newEinsum,
	"Gemm":            newGemm,
	"MatMul":          newMatMul,
	"RotaryEmbedding": elementwise.Half(newRotaryEmbedding),
}

// Microsoft holds those of com.microsoft.
var Microsoft = op.Table{
	"Attention":               elementwise.Half(newMerged),
	"EmbedLayerNormalization": elementwise.Half(newEmbedding),
	"FusedGemm":               newFusedGemm,
	"FusedMatMul":             newFusedMatMul,
	"GroupQueryAttention":     elementwise.Half(newGroupQuery),
	"MultiHeadAttention":      elementwise.Half(newMultiHead),
	"RotaryEmbedding":         elementwise.Half(newRotary),
}

// Fused holds the operators that only the engine's passes make.
var Fused = op.Table{
	"Attention":     newAttention,
	"HeadAttention": newHeadAttention,
	"Linear":        newLinear,
}
