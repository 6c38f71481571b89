package vector_test

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// floats reads at most 50 vectors of dim floats of any bits.
func floats(data []byte, dim int) (vs [][]float32) {
	for len(data) >= 4*dim && len(vs) < 50 {
		v := make([]float32, dim)
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
		vs, data = append(vs, v), data[4*dim:]
	}
	return vs
}

func bytesOf(xs ...float32) (data []byte) {
	for _, x := range xs {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
	}
	return data
}

// FuzzVectors holds any bits against the promise that a vector is either refused
// with ErrInput or can be stored and searched: hits are sorted, finite, within
// the range of the metric, and as many as were asked for.
func FuzzVectors(f *testing.F) {
	f.Add(bytesOf(1, 2, 3, 4, 5, 6, 7, 8), uint8(2), uint8(0))
	f.Add(bytesOf(0, 0, nan, 1, inf, -inf, 9e18, -9e18), uint8(1), uint8(2))
	f.Add(bytesOf(1e-45, 0, 3e38, 3e38, -3e38, 1e-45, 1, -1), uint8(2), uint8(0))
	f.Add(bytesOf(1, 0, 1e-30, 1, -1e-30, 1, 0, 1), uint8(1), uint8(0))
	f.Add(bytesOf(0, 1e-20, -2e-20, 3e-20, 1e-30), uint8(0), uint8(2))
	f.Add(bytesOf(8e18, -8e18, 1e-20, 0, -8e18, 8e18), uint8(2), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, dim, metric uint8) {
		o := vector.Options{Dim: 1 + int(dim)%70, Metric: vector.Metric(metric % 3)}
		c, err := vector.New[int](o)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		vs := floats(data, o.Dim)
		stored := 0
		for i, v := range vs {
			switch err := c.Upsert(t.Context(), vector.Item[int]{ID: i, Vector: v}); {
			case err == nil:
				stored++
			case !errors.Is(err, quintet.ErrInput):
				t.Fatal(err)
			}
		}
		for i, v := range vs {
			_, ok, _ := c.Get(t.Context(), i)
			hits, err := c.Search(t.Context(), vector.Query{Vector: v, K: len(vs)})
			if ok != (err == nil) || err != nil && !errors.Is(err, quintet.ErrInput) {
				t.Fatalf("%v: stored %v, search: %v", v, ok, err)
			}
			if ok {
				checkHits(t, o.Metric, hits, stored)
			}
		}
	})
}

func checkHits(t *testing.T, m vector.Metric, hits []vector.Hit[int], want int) {
	t.Helper()
	if len(hits) != want {
		t.Fatalf("%d hits of %d items", len(hits), want)
	}
	seen := map[int]bool{}
	for i, h := range hits {
		switch {
		case seen[h.ID]:
			t.Fatalf("%d found twice", h.ID)
		case math.IsNaN(h.Score) || math.IsInf(h.Score, 0) || math.IsNaN(h.Distance) || math.IsInf(h.Distance, 0):
			t.Fatalf("not finite: %v", h)
		case m == vector.Cosine && (math.Abs(h.Score) > 1 || h.Distance < 0 || h.Distance > 2):
			t.Fatalf("no cosine: %v", h)
		case m == vector.L2 && (h.Distance < 0 || h.Score <= 0 || h.Score > 1):
			t.Fatalf("no distance: %v", h)
		case i > 0 && (hits[i-1].Score < h.Score || hits[i-1].Distance > h.Distance):
			t.Fatalf("%v before %v", hits[i-1], h)
		case i > 0 && hits[i-1].Score == h.Score && hits[i-1].Distance == h.Distance && hits[i-1].ID > h.ID:
			t.Fatalf("tie out of order: %v before %v", hits[i-1], h)
		}
		seen[h.ID] = true
	}
}
