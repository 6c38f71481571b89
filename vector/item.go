package vector

// Key is a type that can identify items.
type Key interface {
	~int | ~int64 | ~uint64 | ~string
}

// Item is what a collection stores.
type Item[K Key] struct {
	ID     K         `json:"id"`             // unique in the collection
	Vector []float32 `json:"vector"`         // of the collection's dimension
	Meta   Meta      `json:"meta,omitempty"` // what filters look at
	Text   string    `json:"text,omitempty"` // kept and given back by Get and All
}
