package tensor

// Buffer is a piece of a run's memory with the number of tensors that use it.
// It belongs to the run's goroutine.
type Buffer struct {
	Refs int
	ID   int // the run's own
}
