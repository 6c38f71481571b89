package language

import _ "embed" // the model

//go:generate go run ./gen

// model is a table of package ngram. It is read where the program has it, so that
// it takes no heap.
//
//go:embed model.bin
var model string
