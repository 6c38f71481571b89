package text

import "math"

// bayes finds the weights of c by complement naive Bayes: for the label l and the
// feature f
//
//	w(l, f) = -ln((sum of f over examples of other labels + a) / (sum of all features of these + a n))
//
// where features are multiplied by their rarity, ln((1+N)/(1+N(f))) + 1, as they are
// in the texts that are classified. Of the weights of a label the mean is taken off,
// so that features without a say have none.
func (s *trainingSet) bayes(c *LinearClassifier) {
	k := len(c.labels)
	rarity := make([]float64, len(c.rows))
	for f, n := range s.docs {
		rarity[f] = math.Log((1+float64(len(s.target)))/(1+float64(n))) + 1
	}
	sums, all := make([]float64, len(c.weights)), make([]float64, k)
	for i, label := range s.target {
		for _, f := range s.example(i) {
			x := float64(f.value) * rarity[f.row]
			sums[int(f.row)*k+int(label)] += x
			all[label] += x
		}
	}
	total := 0.0
	for _, x := range all {
		total += x
	}
	smooth := s.opt.Smoothing
	for f := range rarity {
		row, sum, mean := sums[f*k:(f+1)*k], 0.0, 0.0
		for _, x := range row {
			sum += x
		}
		for l, x := range row {
			others := total - all[l] + smooth*float64(len(rarity))
			row[l] = -math.Log((sum - x + smooth) / others)
			mean += row[l] / float64(k)
		}
		for l, w := range row {
			c.weights[f*k+l] = float32((w - mean) * rarity[f])
		}
	}
}
