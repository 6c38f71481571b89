package main

import (
	"cmp"
	"math"
	"slices"

	"github.com/quintet-ai/quintet/text/language/internal/ngram"
)

// What is kept: a weight that moves the score of a letter by more than least, on
// average over the text of all languages and that of its own; and an n-gram whose
// weights together do so keyCost times. Of n-grams rarer than rare none are kept.
const (
	least   = 6e-6
	keyCost = 2.5
	rare    = least / 12
)

// floor is the logarithm of the probability of a letter that a language lacks.
const floor = -14

// pruner turns probabilities into weights that add up. The score of a letter in
// a language is the sum of the weights of the n-grams that end there, from two
// symbols up to the longest that is kept; of one symbol if two are not kept. What
// is not kept changes nothing. So the weight of an n-gram is the difference that its
// first letter makes, less what it makes in languages that do not have the n-gram.
// It is taken against what was kept of the shorter ones and thereby corrects that.
type pruner struct {
	*model
	kept map[ngram.Key]kept
}

// kept is what was kept of an n-gram: its weights and the gain that is not told.
type kept struct {
	weights []ngram.Weight
	base    float64
}

func prune(m *model) []ngram.Entry {
	p := pruner{m, map[ngram.Key]kept{}}
	var entries []ngram.Entry
	for i, k := range m.keys {
		if k.Order() == 1 && k.First() == ngram.Boundary {
			continue // it has no script
		}
		if best := p.weigh(i, k); len(best.weights) > 0 {
			p.kept[k] = best
			entries = append(entries, ngram.Entry{Key: k, Weights: best.weights, Languages: len(m.total)})
		}
	}
	return entries
}

// weigh returns what to keep of an n-gram, the weights in falling order.
func (p *pruner) weigh(i int, k ngram.Key) kept {
	rows, share := p.of(i), p.share(i)
	if k.Order() > 2 && (share < rare || p.kept[k.Last(2)].weights == nil) {
		return kept{}
	}
	gains, seen := p.gains(i, k)
	base := p.base(k, gains, seen)
	var weights []ngram.Weight
	sum := 0.0
	j := 0
	for l, gain := range gains {
		own := 0.0
		if seen[l] {
			own = float64(rows[j].count) / p.total[l]
			j++
		} else if k.Order() != 2 {
			continue
		}
		matter := (own + share) * math.Abs(gain-base)
		units := unitsOf(gain - base)
		if k.Order() > 1 && matter < least || units == 0 {
			continue
		}
		weights = append(weights, ngram.Weight{Language: uint8(l), Units: units})
		sum += matter
	}
	if k.Order() > 1 && sum < keyCost*least {
		return kept{}
	}
	sortWeights(weights)
	if len(weights) > 0 && len(ngram.AppendList(nil, weights)) >= ngram.RowSize(len(gains)) {
		weights = fullRow(k, gains, base)
	}
	return kept{weights, base}
}

// share is the part of the text of all languages, in equal measure, that is the
// n-gram at i.
func (p *pruner) share(i int) float64 {
	share := 0.0
	for _, r := range p.of(i) {
		share += float64(r.count) / p.total[r.language]
	}
	return share / float64(len(p.total))
}

// fullRow returns the weights of all languages: a row has room for them.
func fullRow(k ngram.Key, gains []float64, base float64) []ngram.Weight {
	best := unitsOf(slices.Max(gains) - base)
	weights := make([]ngram.Weight, len(gains))
	for l, gain := range gains {
		weights[l] = ngram.Weight{Language: uint8(l), Units: ngram.InRow(k, best, unitsOf(gain-base))}
	}
	sortWeights(weights)
	return weights
}

// sortWeights puts weights in falling order.
func sortWeights(weights []ngram.Weight) {
	slices.SortFunc(weights, func(a, b ngram.Weight) int {
		return cmp.Or(cmp.Compare(b.Units, a.Units), cmp.Compare(a.Language, b.Language))
	})
}

// unitsOf rounds a weight to what the table can hold.
func unitsOf(weight float64) int8 {
	units := int(math.RoundToEven(weight / ngram.Step))
	return int8(min(max(units, ngram.MinWeight), ngram.MaxWeight))
}

// gains returns by how much k, as against its last symbols, changes the logarithm
// of the probability in each language, and which languages have k.
func (p *pruner) gains(i int, k ngram.Key) (gains []float64, seen []bool) {
	gains, seen = make([]float64, len(p.total)), make([]bool, len(p.total))
	if k.Order() == 1 {
		for l := range gains {
			gains[l] = floor
		}
	}
	for _, r := range p.of(i) {
		seen[r.language] = true
		gains[r.language] = float64(r.log)
		if k.Order() > 2 {
			gains[r.language] -= p.score(k.Last(k.Order()-1), r.language)
		}
	}
	switch context := k.Context(); {
	case k.Order() == 1:
	case k.Order() == 2:
		for l := range gains {
			if !seen[l] {
				gains[l] = p.log(k, uint8(l))
			}
		}
	default:
		at := p.find(context)
		if at < 0 { // counts are rounded
			break
		}
		for _, c := range p.of(at) {
			if !seen[c.language] && c.next > 0 {
				gains[c.language] = c.backoff()
			}
		}
	}
	return gains, seen
}

// base returns the gain that is not told: the mean of those who lack k.
func (p *pruner) base(k ngram.Key, gains []float64, seen []bool) float64 {
	if k.Order() == 1 {
		return floor
	}
	sum, n := 0.0, 0
	for l, gain := range gains {
		if !seen[l] {
			sum += gain
			n++
		}
	}
	if n > 0 {
		return sum / float64(n)
	}
	for _, gain := range gains {
		sum += gain
	}
	return sum / float64(len(gains))
}

// score is what the model that is kept says of the last symbol of k, which is kept
// and has two symbols or more: the sum of the weights of k and of its last symbols,
// and what was not told.
func (p *pruner) score(k ngram.Key, language uint8) float64 {
	sum := 0.0
	for n := 2; n <= k.Order(); n++ {
		at := p.kept[k.Last(n)]
		sum += at.base
		for _, w := range at.weights {
			if w.Language == language {
				sum += float64(float64(w.Units) * ngram.Step) // not fused
			}
		}
	}
	return sum
}

// ideographs returns the weights of single ideographs and kana in Japanese and
// Chinese.
func ideographs(dir string) ([]ngram.Entry, error) {
	weights := map[rune][]ngram.Weight{}
	for number, language := range []string{"ja", "zh"} {
		grams, err := readGrams(dir, language, 1)
		if err != nil {
			return nil, err
		}
		for _, g := range grams {
			if units := unitsOf(math.Log(g.chance) - floor); units > 0 {
				r := g.letters[0]
				weights[r] = append(weights[r], ngram.Weight{Language: uint8(number), Units: units})
			}
		}
	}
	var entries []ngram.Entry
	for r, list := range weights {
		sortWeights(list)
		entries = append(entries, ngram.Entry{Key: ngram.RuneKey(r), Weights: list, Languages: 2})
	}
	slices.SortFunc(entries, func(a, b ngram.Entry) int { return cmp.Compare(a.Key, b.Key) })
	return entries, nil
}
