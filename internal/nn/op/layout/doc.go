// Package layout holds the operators that move elements or look at shapes, and
// compute little or nothing.
//
// Nearly all of them are one thing: the elements of a tensor copied in another
// order, which [view] describes by a length and two strides per dimension. It
// merges dimensions that lie behind one another, so that what is copied is runs
// as long as the case allows, and hands transposed planes to kernels.
//
// # Limits
//
// All types of tensors can be moved; Scatter operators with a reduction, TopK,
// Unique and Range need numbers that Go has, and of the half-precision types TopK
// takes float16. Tensors of strings, the attributes axis and split of versions
// below 7, and random numbers are refused.
package layout
