package vector

// Item is what a collection stores.
type Item[K Key] struct {
	ID     K         `json:"id"`             // unique in the collection
	Vector []float32 `json:"vector"`         // of the collection's dimension
	Meta   Meta      `json:"meta,omitempty"` // what filters look at
	Text   string    `json:"text,omitempty"` // given back by Get and All, searched by Query.Text

	Sparse Sparse `json:"sparse,omitzero"` // a second vector or none, searched by Query.Sparse
}
