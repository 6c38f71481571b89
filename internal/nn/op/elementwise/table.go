package elementwise

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// Table holds the operators of ONNX itself.
var Table = op.Table{
	"Add": newArith(add), "Sub": newArith(sub), "Mul": newArith(mul), "Div": newArith(div),
	"Pow": Half(newPow), "Mod": Half(newMod), "PRelu": Half(newPRelu),
	"Max": newVariadic(maximum, false), "Min": newVariadic(minimum, false),
	"Sum": newVariadic(add, false), "Mean": newVariadic(add, true),

	"And": newLogic(bitAnd), "Or": newLogic(bitOr), "Xor": newLogic(bitXor), "Not": newNot,
	"BitwiseAnd": newBitwise(bitAnd), "BitwiseOr": newBitwise(bitOr), "BitwiseXor": newBitwise(bitXor),
	"BitwiseNot": newBitwiseNot, "BitShift": newBitShift,
	"Equal": newCompare(equal), "Greater": newCompare(greater), "Less": newCompare(less),
	"GreaterOrEqual": newCompare(greaterOrEqual), "LessOrEqual": newCompare(lessOrEqual),
	"Where": newWhere, "IsNaN": newClassify(isNaNOf), "IsInf": newClassify(isInfOf),

	"Abs":  newNumber(function{vec.Abs, math.Abs}, whole(absolute)),
	"Neg":  newNumber(function{vec.Neg, opposite}, signed(negative)),
	"Sign": newNumber(function{nil, sign}, whole(signum)),
	"Relu": newNumber(function{vec.Relu, relu}, signed(rectified)),
	"Clip": Half(newClip),

	"Sqrt": newFloat(vec.Sqrt, math.Sqrt), "Exp": newFloat(vec.Exp, math.Exp), "Log": newFloat(vec.Log, math.Log),
	"Erf": newFloat(vec.Erf, math.Erf), "Reciprocal": newFloat(vec.Reciprocal, reciprocal),
	"Floor": newFloat(vec.Floor, math.Floor), "Ceil": newFloat(vec.Ceil, math.Ceil),
	"Round": newFloat(vec.Round, math.RoundToEven),
	"Sin":   newFloat(nil, math.Sin), "Cos": newFloat(nil, math.Cos), "Tan": newFloat(nil, math.Tan),
	"Asin": newFloat(nil, math.Asin), "Acos": newFloat(nil, math.Acos), "Atan": newFloat(nil, math.Atan),
	"Sinh": newFloat(nil, math.Sinh), "Cosh": newFloat(nil, math.Cosh), "Tanh": newFloat(vec.Tanh, math.Tanh),
	"Asinh": newFloat(nil, math.Asinh), "Acosh": newFloat(nil, math.Acosh), "Atanh": newFloat(nil, math.Atanh),

	"Sigmoid": newFloat(vec.Sigmoid, sigmoid), "Softplus": newFloat(vec.Softplus, softplus),
	"Softsign": newFloat(nil, softsign), "Mish": newFloat(vec.Mish, mish),
	"HardSwish": newFloat(vec.HardSwish, hardSwish),
	"Gelu":      newFunction(geluOf), "Swish": withAlpha(1, vec.QuickGelu, quickGelu),
	"LeakyRelu": withAlpha(0.01, vec.LeakyRelu, leakyRelu), "Elu": withAlpha(1, vec.Elu, eluOf),
	"ThresholdedRelu": withAlpha(1, nil, thresholdedRelu), "HardSigmoid": newFunction(hardSigmoidOf),
	"Selu": newFunction(seluOf), "Celu": newFunction(celuOf), "Shrink": newFunction(shrinkOf),

	"Cast": newCast, "CastLike": newCastLike, "Identity": newIdentity, "Dropout": newDropout,
}

// Microsoft holds the operators of the domain com.microsoft.
var Microsoft = op.Table{
	"Gelu": newFloat(vec.Gelu, gelu), "QuickGelu": withAlpha(1.702, vec.QuickGelu, quickGelu),
	"FastGelu": Half(newFastGelu), "BiasGelu": Half(newBiasGelu),
}

// Fused holds the operators of the domain ai.quintet, which the optimiser makes:
// Activation(x) and AddActivation(a, b), on float32, with the attributes of
// package activation.
var Fused = op.Table{"Activation": newActivation, "AddActivation": newAddActivation}
