// Package elementwise holds the operators that compute each element of the output
// from the elements of the inputs at the same place: arithmetic, comparisons,
// logic, functions of one number, activations and casts.
//
// Inputs broadcast. Neighbouring dimensions that all inputs go through alike are
// joined first; then a kernel runs over the innermost stretch, with an input that
// stands still there as one number. Where the stretches are short, or the type or
// function has no kernel for one number, inputs are written out 1024 elements at
// a time. The output takes the memory of an input that nobody else needs.
//
// # Values
//
// Integers wrap around. Division and remainder by an integer zero are
// [quintet.ErrInput], if there is an element to divide. Max, Min, Relu and Clip of
// a NaN are NaN; a Clip whose bounds are crossed gives the upper one. Sign of NaN
// is NaN here too. Floats are cast to integers by truncation; one that does not
// fit, which ONNX leaves open, gives what x86 processors give: the least int32 or
// int64, of which the shorter types take the low bits.
//
// # Limits
//
// Arithmetic on bfloat16, strings, types below 8 bits and 8-bit floats are
// refused; bfloat16 can be moved and cast. Functions of one number are of floats,
// but for Abs, Neg, Sign, Relu and Clip; Sum and Mean are of floats. Functions
// without a kernel in package vec (the trigonometric ones, Pow with unusual
// exponents, Shrink, Celu) call package math for each element. Float16 costs a
// float32 copy of its tensors. Broadcasting by attributes, as before opset 7, is
// refused, and so is Dropout in training.
package elementwise
