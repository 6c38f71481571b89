package linear

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// matrices are the sizes of a product as numpy defines it: vectors are matrices of
// one row or column, and what comes before the last two dimensions broadcasts.
type matrices struct {
	m, k, n int
	count   int                 // of products
	rank    int                 // of the batch
	batch   [tensor.MaxRank]int // its dimensions
	a, b    [tensor.MaxRank]int // their strides, in matrices
	shape   [tensor.MaxRank]int // of the result
	size    int                 // of shape
}

func (s *matrices) fit(a, b []int) error {
	if len(a) == 0 || len(b) == 0 {
		return fmt.Errorf("shapes %v and %v are no matrices: %w", slices.Clone(a), slices.Clone(b), quintet.ErrInput)
	}
	s.m, s.n, s.count = 1, 1, 1
	var batchA, batchB []int
	if s.k = a[len(a)-1]; len(a) > 1 {
		s.m, batchA = a[len(a)-2], a[:len(a)-2]
	}
	k := b[0]
	if len(b) > 1 {
		k, s.n, batchB = b[len(b)-2], b[len(b)-1], b[:len(b)-2]
	}
	if k != s.k {
		return fmt.Errorf("shapes %v and %v do not multiply: %w", slices.Clone(a), slices.Clone(b), quintet.ErrInput)
	}
	batch, err := tensor.Broadcast(s.batch[:0], batchA, batchB)
	if err != nil {
		return err
	}
	tensor.BroadcastStrides(s.a[:0], batchA, batch)
	tensor.BroadcastStrides(s.b[:0], batchB, batch)
	s.rank = len(batch)
	s.size = copy(s.shape[:], batch)
	for _, d := range batch {
		s.count *= d
	}
	if len(a) > 1 {
		s.shape[s.size] = s.m
		s.size++
	}
	if len(b) > 1 {
		s.shape[s.size] = s.n
		s.size++
	}
	return nil
}

// at returns which matrices of a and b make the product i.
func (s *matrices) at(i int) (a, b int) {
	for d := s.rank - 1; d >= 0; d-- {
		index := i % s.batch[d]
		i /= s.batch[d]
		a += index * s.a[d]
		b += index * s.b[d]
	}
	return a, b
}

// rows joins the batch with the rows of a where b is one matrix for all.
func (s *matrices) rows() {
	for i := range s.rank {
		if s.batch[i] != 1 && (s.b[i] != 0 || s.a[i] == 0) {
			return
		}
	}
	s.m *= s.count
	s.rank, s.count = 0, 1
}
