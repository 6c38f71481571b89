package quantised

import "github.com/quintet-ai/quintet/internal/nn/op"

// Table holds the operators of ONNX itself.
var Table = op.Table{
	"ConvInteger":           newConvInteger,
	"DequantizeLinear":      newDequantizeLinear,
	"DynamicQuantizeLinear": newDynamicQuantizeLinear,
	"MatMulInteger":         newMatMulInteger,
	"QLinearConv":           newQLinearConv,
	"QLinearMatMul":         newQLinearMatMul,
	"QuantizeLinear":        newQuantizeLinear,
}

// Microsoft holds the operators of the domain com.microsoft.
var Microsoft = op.Table{
	"DequantizeLinear":         newDequantizeLinear,
	"DynamicQuantizeMatMul":    newDynamicQuantizeMatMul,
	"MatMulIntegerToFloat":     newMatMulIntegerToFloat,
	"QGemm":                    newQGemm,
	"QLinearAdd":               newQLinearAdd,
	"QLinearAveragePool":       newQLinearAveragePool,
	"QLinearConcat":            newQLinearConcat,
	"QLinearGlobalAveragePool": newQLinearGlobalAveragePool,
	"QLinearLeakyRelu":         newQLinearLeakyRelu,
	"QLinearMul":               newQLinearMul,
	"QLinearSigmoid":           newQLinearSigmoid,
	"QLinearSoftmax":           newQLinearSoftmax,
	"QuantizeLinear":           newQuantizeLinear,
}

// Fused holds the operators of our own domain, which the optimiser makes.
var Fused = op.Table{
	"QuantLinear": newQuantLinear,
}
