package vec

// LSTMCell is the elementwise part of one step of an LSTM for one batch row.
// gates holds four stretches of len(h) each in ONNX order: the input, output,
// forget and cell gate, each the sum of its products and biases. It sets
//
//	c = sigmoid(forget)*c + sigmoid(input)*tanh(cell)
//	h = sigmoid(output) * tanh(c)
//
// and leaves gates as it was. It panics unless gates has 4*len(h) elements.
func LSTMCell(gates, c, h []float32) {
	n := len(h)
	if len(gates) != 4*n {
		panic("vec: the gates are not four times the state")
	}
	lstmBlocks(h, c, gates[:n], gates[n:2*n], gates[2*n:3*n], gates[3*n:])
}

// GRUCell is the elementwise part of one step of a GRU for one batch row, in the
// form that applies the reset gate after the product (linear_before_reset = 1,
// what PyTorch exports). input and recurrent each hold three stretches of len(h)
// in ONNX order, the products and biases of the input and of the former state
// for the update gate z, the reset gate r and the candidate. It sets
//
//	z = sigmoid(inputZ + recurrentZ)
//	r = sigmoid(inputR + recurrentR)
//	h = (1-z)*tanh(inputC + r*recurrentC) + z*h
//
// It panics unless input and recurrent have 3*len(h) elements.
func GRUCell(input, recurrent, h []float32) {
	n := len(h)
	if len(input) != 3*n || len(recurrent) != 3*n {
		panic("vec: the gates are not three times the state")
	}
	gruBlocks(h, input[:n], input[n:2*n], input[2*n:], recurrent[:n], recurrent[n:2*n], recurrent[2*n:])
}
