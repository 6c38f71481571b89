package vector

// PartKey returns the key of one vector of a document.
func PartKey[K Key](id K, part int) string { return partID(newPartCodec[K]().doc(id), part) }

// PartOf returns what the key of a vector says.
func PartOf[K Key](key string) (id K, part int, ok bool) {
	m := &MultiCollection[K]{keys: newPartCodec[K]()}
	if m.checkPart(key) != nil {
		return id, 0, false
	}
	id, err := m.keys.id(docOf(key))
	return id, partOf(key), err == nil
}

// Parts returns the collection of the vectors.
func Parts[K Key](m *MultiCollection[K]) *Collection[string] { return m.parts }

// OpenMultiOn returns documents whose vectors are in c.
func OpenMultiOn[K Key](c *Collection[string]) (*MultiCollection[K], error) {
	m := newMulti[K](c)
	return m, m.adopt()
}
