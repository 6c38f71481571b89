package linear_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op/linear"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// naiveEinsum walks over all values of all labels. The equation has an output and no
// ellipsis, and axes of one label have one size, or 1.
func naiveEinsum[T tensor.Elem](equation string, in []*tensor.Tensor) *tensor.Tensor {
	left, out, _ := strings.Cut(equation, "->")
	terms, dim, labels := strings.Split(left, ","), map[rune]int{}, []rune(out)
	for i, term := range terms {
		for at, l := range term {
			if d, known := dim[l]; !known || d == 1 {
				dim[l] = in[i].Shape[at]
			}
			if !slices.Contains(labels, l) {
				labels = append(labels, l)
			}
		}
	}
	shape, count := []int{}, 1
	for _, l := range out {
		shape = append(shape, dim[l])
	}
	for _, l := range labels {
		count *= dim[l]
	}
	y, err := tensor.New(tensor.TypeOf[T](), shape...)
	if err != nil {
		panic(err)
	}
	place := func(term string, shape []int, value map[rune]int) (at int) {
		for i, l := range term {
			at = at*shape[i] + min(value[l], shape[i]-1)
		}
		return at
	}
	value := map[rune]int{}
	for i := range count {
		for _, l := range labels {
			value[l], i = i%dim[l], i/dim[l]
		}
		product := T(1)
		for k, term := range terms {
			product *= tensor.Of[T](in[k])[place(term, in[k].Shape, value)]
		}
		tensor.Of[T](y)[place(out, shape, value)] += product
	}
	return y
}

func einsum(in []*tensor.Tensor, equation string) (*tensor.Tensor, error) {
	out, err := compute(linear.Table, "Einsum", in, 1, onnxpb.TextAttr("equation", equation))
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

func TestEinsumIsTheNaiveOne(t *testing.T) {
	einsumOf[float32](t)
	einsumOf[float64](t)
	einsumOf[int8](t)
	einsumOf[int32](t)
	einsumOf[int64](t)
	einsumOf[uint16](t)
}

func einsumOf[T tensor.Elem](t *testing.T) {
	t.Helper()
	rng := seeded()
	tests := map[string][][]int{
		"ij->ji":             {{3, 4}},
		"ij->":               {{3, 4}},
		"ij->i":              {{3, 4}},
		"ij->j":              {{3, 4}},
		"ijk->ki":            {{3, 4, 5}},
		"ii->i":              {{4, 4}},
		"ii->":               {{4, 4}},
		"iji->j":             {{3, 4, 3}},
		"ij,jk->ik":          {{3, 4}, {4, 5}},
		"ij,jk->ki":          {{30, 40}, {40, 50}},
		"ij,kj->ik":          {{3, 4}, {5, 4}},
		"ji,jk->ik":          {{4, 3}, {4, 5}},
		"i,i->":              {{7}, {7}},
		"i,j->ij":            {{3}, {4}},
		"i,j->ji":            {{3}, {4}},
		"ij,ij->ij":          {{3, 4}, {3, 4}},
		"ij,i->":             {{3, 4}, {3}},
		"bij,bjk->bik":       {{2, 3, 4}, {2, 4, 5}},
		"bij,bjk->bki":       {{2, 3, 4}, {2, 4, 5}},
		"bij,bjk->kbi":       {{2, 3, 4}, {2, 4, 5}},
		"bhid,bhjd->bhij":    {{2, 3, 4, 5}, {2, 3, 6, 5}},
		"bind,bjnd->bnij":    {{2, 3, 4, 5}, {2, 6, 4, 5}},
		"bqnc,nchw->bqnhw":   {{2, 3, 4, 5}, {4, 5, 2, 3}},
		"ij,jk,kl->il":       {{3, 4}, {4, 5}, {5, 6}},
		"a,b,c,d->dcba":      {{2}, {3}, {4}, {5}},
		"ab,ac,ad->a":        {{2, 3}, {2, 4}, {2, 5}},
		"ij,jk,ki->":         {{3, 4}, {4, 5}, {5, 3}},
		"iij,jkk->ik":        {{3, 3, 4}, {4, 5, 5}},
		"ij,jk->i":           {{3, 4}, {4, 5}},
		"ijx,jky->ik":        {{3, 4, 2}, {4, 5, 3}},
		"ij,jk->k":           {{3, 0}, {0, 5}},
		"ij->i ":             {{0, 5}},
		"ij, jk -> ik":       {{1, 4}, {4, 1}},
		"ab,b->a":            {{3, 1}, {5}},
		"ab,ab->ab":          {{3, 1}, {1, 5}},
		",->":                {{}, {}},
		",i->i":              {{}, {3}},
		"Ab,bA->A":           {{3, 4}, {4, 3}},
		"abcdefgh,hgfe->acb": {{1, 2, 3, 1, 2, 2, 1, 2}, {2, 1, 2, 2}},
	}
	for equation, shapes := range tests {
		var in []*tensor.Tensor
		for _, s := range shapes {
			in = append(in, whole[T](rng, s...))
		}
		got, err := einsum(in, equation)
		require.NoError(t, err, equation)
		near(t, naiveEinsum[T](strings.ReplaceAll(equation, " ", ""), in), got)
	}
}

func TestEinsumOfEllipses(t *testing.T) {
	rng := seeded()
	a, b := whole[float32](rng, 2, 3, 4), whole[float32](rng, 1, 4, 5)
	tests := map[string]struct {
		equation, same string
		in             []*tensor.Tensor
	}{
		"batches":         {"...ij,...jk->...ik", "bij,bjk->bik", list(a, b)},
		"of other ranks":  {"...ij,jk->...ik", "bij,jk->bik", list(a, whole[float32](rng, 4, 5))},
		"in the middle":   {"i...j->j...i", "ibj->jbi", list(a)},
		"implied":         {"...ij,...jk", "bij,bjk->bik", list(a, b)},
		"of no axes":      {"...ijk->k...", "ijk->k", list(a)},
		"implied letters": {"ba", "ba->ab", list(whole[float32](rng, 3, 4))},
		"implied sums":    {"ij,jh", "ij,jh->hi", list(whole[float32](rng, 3, 4), whole[float32](rng, 4, 5))},
		"only":            {"...", "ijk->ijk", list(a)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := einsum(tt.in, tt.equation)
			require.NoError(t, err)
			near(t, naiveEinsum[float32](tt.same, tt.in), got)
		})
	}
}

func TestEinsumRefuses(t *testing.T) {
	rng := seeded()
	x := whole[float32](rng, 3, 4)
	tests := map[string]struct {
		equation string
		in       []*tensor.Tensor
		want     error
	}{
		"more terms than operands":    {"ij,jk->ik", list(x), quintet.ErrModel},
		"fewer terms than operands":   {"ij->ij", list(x, x), quintet.ErrModel},
		"a digit":                     {"i1->i", list(x), quintet.ErrModel},
		"two dots":                    {"..ij->ij", list(x), quintet.ErrModel},
		"two ellipses":                {"......->", list(x), quintet.ErrModel},
		"a result of unknown letters": {"ij->k", list(x), quintet.ErrModel},
		"a result twice":              {"ij->ii", list(x), quintet.ErrModel},
		"two arrows":                  {"ij->i->j", list(x), quintet.ErrModel},
		"an ellipsis that gets lost":  {"...i->i", list(x), quintet.ErrUnsupported},
		"another rank":                {"ijk->i", list(x), quintet.ErrInput},
		"more letters than axes":      {"...ijk->...", list(x), quintet.ErrInput},
		"another size":                {"ij,jk->ik", list(x, x), quintet.ErrInput},
		"no diagonal":                 {"ii->i", list(x), quintet.ErrInput},
		"a huge result":               {"i,j->ij", list(whole[int8](rng, 1<<16), whole[int8](rng, 1<<16)), quintet.ErrInput},
		"nine axes":                   {"abcde,fghi->abcdefghi", list(whole[int8](rng, 1, 1, 1, 1, 1), whole[int8](rng, 1, 1, 1, 1)), quintet.ErrInput},
		"two types":                   {"ij,ij->i", list(x, whole[int8](rng, 3, 4)), quintet.ErrUnsupported},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := einsum(tt.in, tt.equation)
			require.ErrorIs(t, err, tt.want)
		})
	}
}

// FuzzEinsum: any equation gives what the definition does, or a typed error.
func FuzzEinsum(f *testing.F) {
	f.Add("ij,jk->ik", []byte{3, 4, 4, 5})
	f.Add("aab,b,ca->c", []byte{3, 3, 2, 1, 4, 3})
	f.Add("...i,...i->...", []byte{2, 3, 2, 1})
	f.Fuzz(func(t *testing.T, equation string, sizes []byte) {
		if len(equation) > 24 {
			return
		}
		left, _, explicit := strings.Cut(equation, "->")
		rng := rand.New(rand.NewPCG(3, 4))
		var in []*tensor.Tensor
		for term := range strings.SplitSeq(left, ",") {
			shape := []int{}
			for range min(len(term), 5) {
				d := 1
				if len(sizes) > 0 {
					d, sizes = int(sizes[0]%4), sizes[1:]
				}
				shape = append(shape, d)
			}
			in = append(in, whole[int64](rng, shape...))
		}
		got, err := einsum(in, equation)
		if err != nil {
			require.True(t, isTyped(err), "%v", err)
			return
		}
		if explicit && !strings.ContainsAny(equation, ". ") {
			near(t, naiveEinsum[int64](equation, in), got)
		}
	})
}
