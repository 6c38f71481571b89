package vec

// Exp is e^x: +Inf above 88.7228, denormal below -87.3365, 0 below -103.97.
func Exp(dst, x []float32) { expBlocks(dst, x) }

// Log is the natural logarithm: -Inf for both zeros, NaN below.
func Log(dst, x []float32) { logBlocks(dst, x) }

// Erf is the error function, 2/sqrt(pi) times the integral of e^(-t*t) from 0 to
// x.
func Erf(dst, x []float32) { erfBlocks(dst, x) }

// Tanh is the hyperbolic tangent.
func Tanh(dst, x []float32) { tanhBlocks(dst, x) }

// Sigmoid is 1 / (1 + e^-x).
func Sigmoid(dst, x []float32) { sigmoidBlocks(dst, x) }

// Relu is max(x, 0); NaN stays NaN.
func Relu(dst, x []float32) { reluBlocks(dst, x) }

// Gelu is 0.5x * (1 + erf(x/sqrt(2))); NaN for -Inf.
func Gelu(dst, x []float32) { geluBlocks(dst, x) }

// GeluTanh is 0.5x * (1 + tanh(sqrt(2/pi) * (x + 0.044715x³))), the common
// approximation of [Gelu]; NaN for -Inf.
func GeluTanh(dst, x []float32) { geluTanhBlocks(dst, x) }

// QuickGelu is x * sigmoid(alpha*x), with alpha 1.702 another approximation of
// [Gelu].
func QuickGelu(dst, x []float32, alpha float32) { quickGeluBlocks(dst, x, alpha) }

// Silu is x * sigmoid(x), also called swish; NaN for -Inf.
func Silu(dst, x []float32) { quickGeluBlocks(dst, x, 1) }

// HardSwish is x * min(max(x/6 + 0.5, 0), 1); NaN for -Inf.
func HardSwish(dst, x []float32) { hardSwishBlocks(dst, x) }

// HardSigmoid is min(max(alpha*x + beta, 0), 1).
func HardSigmoid(dst, x []float32, alpha, beta float32) { hardSigmoidBlocks(dst, x, alpha, beta) }

// LeakyRelu is x from zero on and alpha*x below.
func LeakyRelu(dst, x []float32, alpha float32) { leakyReluBlocks(dst, x, alpha) }

// Elu is x from zero on and alpha * (e^x - 1) below.
func Elu(dst, x []float32, alpha float32) { eluBlocks(dst, x, alpha) }

// Softplus is log(1 + e^x), without overflow; 0 where it would be denormal.
func Softplus(dst, x []float32) { softplusBlocks(dst, x) }

// Mish is x * tanh(log(1 + e^x)); NaN for -Inf.
func Mish(dst, x []float32) { mishBlocks(dst, x) }
