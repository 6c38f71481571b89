package reduce

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// Table holds the operators of ONNX itself, and SimplifiedLayerNormalization,
// which ONNX Runtime adds to them.
var Table = op.Table{
	"ReduceSum": newReduction(sum, 13), "ReduceMean": newReduction(mean, 18),
	"ReduceProd": newReduction(prod, 18),
	"ReduceMax":  newReduction(largest, 18), "ReduceMin": newReduction(smallest, 18),
	"ReduceL1": newReduction(norm1, 18), "ReduceL2": newReduction(norm2, 18),
	"ReduceSumSquare": newReduction(sumSquares, 18),
	"ReduceLogSum":    newReduction(logSum, 18), "ReduceLogSumExp": newReduction(logSumExp, 18),

	"ArgMax": newArg(false), "ArgMin": newArg(true), "CumSum": elementwise.Half(newCumSum),

	"Softmax":         newRows(softmaxAxis, always(vec.Softmax, softmax64)),
	"LogSoftmax":      newRows(softmaxAxis, always(vec.LogSoftmax, logSoftmax64)),
	"Hardmax":         newRows(softmaxAxis, always(hardmax32, hardmax64)),
	"LpNormalization": newRows(lastAxis, lpOf),

	"LayerNormalization":           elementwise.Half(newNorm(false), 1, 2),
	"RMSNormalization":             elementwise.Half(newNorm(true)),
	"SimplifiedLayerNormalization": elementwise.Half(newNorm(true), 1),
	"MeanVarianceNormalization":    elementwise.Half(newMeanVariance),
}

// Microsoft holds the operators of the domain com.microsoft.
var Microsoft = op.Table{
	"SkipLayerNormalization":           elementwise.Half(newAddNorm(skipLayerNorm), 1, 2),
	"SkipSimplifiedLayerNormalization": elementwise.Half(newAddNorm(skipSimplified), 1, 2),
}

// Fused holds the operators of the domain ai.quintet, which the optimiser makes.
//
// AddLayerNormalization has the inputs x, r, an optional bias, gamma and an
// optional beta, the attribute epsilon (1e-5 without it), and the outputs
// LayerNormalization(x+r+bias) along the last axis and, if wanted, x+r+bias. The
// bias, gamma and beta are as long as that axis; r may lack outer dimensions of x.
var Fused = op.Table{"AddLayerNormalization": newAddNorm(addLayerNorm)}
