package spatial

import "github.com/quintet-ai/quintet/internal/nn/op"

// Table has the operators of ONNX itself.
var Table = op.Table{
	"AveragePool":           orHalf(newAveragePool(first)),
	"BatchNormalization":    orHalf(newBatchNorm(first)),
	"Conv":                  orHalf(newConv(first)),
	"ConvTranspose":         orHalf(newConvTranspose(first)),
	"GlobalAveragePool":     orHalf(newGlobal(first, average)),
	"GlobalLpPool":          orHalf(newGlobal(first, norm)),
	"GlobalMaxPool":         orHalf(newGlobal(first, maximum)),
	"GridSample":            orHalf(newGridSample(first)),
	"GroupNormalization":    orHalf(newGroupNorm),
	"InstanceNormalization": orHalf(newInstanceNorm(first)),
	"LRN":                   orHalf(newLRN),
	"LpPool":                orHalf(newLpPool),
	"MaxPool":               orHalf(newMaxPool(first)),
	"MaxRoiPool":            orHalf(newMaxRoiPool),
	"MaxUnpool":             orHalf(newMaxUnpool),
	"Resize":                newResize(first),
	"RoiAlign":              orHalf(newRoiAlign),
	"Upsample":              newUpsample(first),
}

// Fused has the operators with the channels last, in the domain "ai.quintet".
var Fused = op.Table{
	"AveragePool":           orHalf(newAveragePool(last)),
	"BatchNormalization":    orHalf(newBatchNorm(last)),
	"Conv":                  orHalf(newConv(last)),
	"ConvTranspose":         orHalf(newConvTranspose(last)),
	"GlobalAveragePool":     orHalf(newGlobal(last, average)),
	"GlobalMaxPool":         orHalf(newGlobal(last, maximum)),
	"GridSample":            orHalf(newGridSample(last)),
	"InstanceNormalization": orHalf(newInstanceNorm(last)),
	"MaxPool":               orHalf(newMaxPool(last)),
	"Resize":                newResize(last),
	"Upsample":              newUpsample(last),
}
