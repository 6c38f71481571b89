package hnsw

// WalkAlways keeps searches from scanning where that would be faster.
func (ix *Index) WalkAlways() *Index {
	ix.walkAlways = true
	return ix
}
