// Package recurrent holds LSTM, GRU and RNN.
//
// The products with the input are one matrix product for the whole sequence; each
// step then adds those with the state to them in place and goes through the gates.
// Weights that are constants are packed when the model is loaded. With the default
// activations and neither peepholes nor clipping, a step of an LSTM, and of a GRU
// that resets behind the product, is one product and one kernel.
//
// # Values
//
// A sequence that is shorter than the longest leaves zeros in Y behind its end,
// and its last state in Y_h and Y_c; a reverse direction begins at its end.
// Clipping bounds what goes into an activation, not the state of a cell.
// activation_alpha and activation_beta are lists that the functions which have
// such a number take from in order.
//
// # Limits
//
// Float32 and, widened, float16. Steps run on one thread; the product with the
// input uses several if it is large. Weights that are not constants are packed in
// every run.
package recurrent
