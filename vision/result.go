package vision

import "image"

// Picture is the input of a [Pipeline]: the bytes of a file or a decoded image,
// one of the two. Neither is changed.
type Picture struct {
	ID    string      // returned with the result; may be empty
	Data  []byte      // a JPEG, PNG, GIF or WebP file
	Image image.Image // any picture; not Data
}

// Result is what a [Pipeline] found. What no task was set for stays zero.
type Result struct {
	ID         string     `json:"id,omitempty"`
	Properties Properties `json:"properties,omitzero"`
	Hashes     Hashes     `json:"hashes,omitzero"`
	Colors     []Swatch   `json:"colors,omitempty"` // most common first
	Faces      []Face     `json:"faces,omitempty"`  // highest score first

	Objects   []Object  `json:"objects,omitempty"`   // highest score first
	Labels    []Label   `json:"labels,omitempty"`    // highest score first
	Text      Reading   `json:"text,omitzero"`       // of TaskText
	Embedding []float32 `json:"embedding,omitempty"` // of TaskEmbedding
}
