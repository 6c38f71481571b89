package text

import (
	"cmp"
	"context"
	"slices"

	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/optimize"
)

// Bounds of a group of encodings that run together.
const (
	groupItems     = 32
	groupTokens    = 512    // on a CPU, where long texts gain nothing from each other
	groupTokensGPU = 16_384 // elsewhere
	groupPadding   = 1.1    // tokens with padding over those without
)

// runGroups runs encodings in groups of similar length and hands the outputs of each
// to use, with the positions of its encodings. It is for inputs that are several
// texts each.
func (t *transformer) runGroups(
	ctx context.Context, encodings []tokenize.Encoding, padded func(int) int,
	use func(outputs []optimize.Tensor, at []int) error,
) error {
	lengths := make([]int, len(encodings))
	for i, x := range encodings {
		lengths[i] = x.Len()
	}
	budget := groupTokensGPU
	if t.session.Device() == string(optimize.DeviceCPU) {
		budget = groupTokens
	}
	for _, at := range groups(lengths, budget) {
		group := make([]tokenize.Encoding, len(at))
		for k, i := range at {
			group[k] = encodings[i]
		}
		outputs, err := t.run(ctx, group, padded)
		if err == nil {
			err = use(outputs, at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// groups returns the positions of lengths in groups, the longest first. Of each
// group of several, the padded length is at most budget and at most 1.1 times the
// length without padding.
func groups(lengths []int, budget int) (all [][]int) {
	order := make([]int, len(lengths))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lengths[b], lengths[a]) })
	for from := 0; from < len(order); {
		longest, sum, n := lengths[order[from]], lengths[order[from]], 1
		for ; from+n < len(order) && n < groupItems; n++ {
			next := sum + lengths[order[from+n]]
			if padded := (n + 1) * longest; padded > budget || float64(padded) > groupPadding*float64(next) {
				break
			}
			sum = next
		}
		all = append(all, order[from:from+n])
		from += n
	}
	return all
}
