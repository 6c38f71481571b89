// Package reduce holds the operators that work along axes: reductions, the places
// of extremes, running sums, softmax and the normalisations.
//
// Neighbouring dimensions that are both reduced or both kept are joined, so that a
// kernel runs over stretches that lie together: over those that go into one
// element, or, where the last dimension is kept, over rows that are added to a row.
// Softmax and its kin along another axis than the last turn 16 columns at a time
// into rows and back.
//
// # Values
//
// The sum, mean, product, maximum and minimum of no elements are 0, NaN, 1, -Inf
// and +Inf, or the least and the greatest integer; the mean of no integers is
// [quintet.ErrInput], as is the place of their maximum. A NaN makes a maximum NaN,
// and its place is where the first NaN is. Integers wrap around, and their mean is
// truncated. LpNormalization leaves rows of zeros as they are. Axes that come
// twice count once.
//
// # Limits
//
// Reductions are of float32, float64, float16, int32, int64, uint32 and uint64;
// ReduceMax and ReduceMin of int8, uint8 and bool too; those with roots and
// logarithms of floats only. Layer normalisations are of float32 and float16.
// Norms and logarithms with noop_with_empty_axes and no constant axes are refused,
// since ONNX does not say what they give. Float32 sums that run across rows are
// added one by one.
package reduce
