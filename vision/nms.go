package vision

import (
	"cmp"
	"slices"
)

// detections collects the best of any number of detections in bounded memory.
type detections struct{ all []detection }

// add keeps a detection. Of equal scores those that came first are better.
func (d *detections) add(v detection) {
	if len(d.all) == 4*maxCandidates {
		d.all = d.best()
	}
	d.all = append(d.all, v)
}

// best returns the maxCandidates best detections, the highest score first, equal ones
// in their order.
func (d *detections) best() []detection {
	slices.SortStableFunc(d.all, func(a, b detection) int { return cmp.Compare(b.score, a.score) })
	return d.all[:min(len(d.all), maxCandidates)]
}

// suppress is greedy non-maximum suppression by class: from the first on, which is the
// best, each detection removes the later ones of its class that overlap with it by
// more than most. It keeps the order and reuses all. The time is quadratic in what is
// kept.
func suppress(all []detection, most float64) []detection {
	if most >= 1 {
		return all
	}
	kept := all[:0]
next:
	for _, d := range all {
		for i := range kept {
			if kept[i].class == d.class && kept[i].box.overlap(d.box) > most {
				continue next
			}
		}
		kept = append(kept, d)
	}
	return kept
}
