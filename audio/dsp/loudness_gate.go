package dsp

import "math"

// histogram counts powers by their loudness, in bins of 0.01 LU from MinLUFS on.
// What is not louder than MinLUFS is left out; the last bin has all that is louder
// than +30 LUFS. The sum of the powers of a bin is exact.
type histogram struct {
	count [histogramBins]int64
	sum   [histogramBins]float64
}

const (
	histogramBins = 100 * binsPerLU
	binsPerLU     = 100
)

func (h *histogram) add(power float64) {
	if l := lufs(power); l > MinLUFS {
		i := histogramBin(l)
		h.count[i]++
		h.sum[i] += power
	}
}

func histogramBin(loudness float64) int {
	return max(0, min(int((loudness-MinLUFS)*binsPerLU), histogramBins-1))
}

// mean returns the mean power of the bins from i on, and the number of powers.
func (h *histogram) mean(i int) (mean float64, n int64) {
	for ; i < histogramBins; i++ {
		mean += h.sum[i]
		n += h.count[i]
	}
	return mean / max(float64(n), 1), n
}

// gated returns the mean power of what lies above the loudness of the mean of all
// plus relative LU.
func (h *histogram) gated(relative float64) float64 {
	mean, _ := h.mean(0)
	mean, _ = h.mean(histogramBin(lufs(mean) + relative))
	return mean
}

// spread returns the loudness range, EBU Tech 3342.
func (h *histogram) spread() float64 {
	mean, _ := h.mean(0)
	from := histogramBin(lufs(mean) - 20)
	_, n := h.mean(from)
	if n == 0 {
		return 0
	}
	low := h.rank(from, int64(math.Round(0.10*float64(n-1))))
	high := h.rank(from, int64(math.Round(0.95*float64(n-1))))
	return float64(high-low) / binsPerLU
}

// rank returns the bin of the power that has r smaller ones from bin from on.
func (h *histogram) rank(from int, r int64) int {
	for i := from; i < histogramBins; i++ {
		if r -= h.count[i]; r < 0 {
			return i
		}
	}
	return histogramBins - 1
}
