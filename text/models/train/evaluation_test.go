package main

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEvaluateNames trains on four fifths of the names and prints how well those of the
// last fifth are found. The peers' figures are for the test splits.
func TestEvaluateNames(t *testing.T) {
	if raceEnabled || testing.Short() {
		t.Skip("trains for seconds")
	}
	m := maker{data: "../../../../shared/data/text", to: ".."}
	if _, err := os.Stat(m.data); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not there", m.data)
	}
	tools, sets, err := m.nameSets()
	require.NoError(t, err)
	scores, err := validate(tools, sets, folds-1)
	require.NoError(t, err)
	for i, corpus := range []struct {
		name, peer string
		floor      float64
	}{
		{"UNER-EWT", "prose PER 0.389, PER+LOC 0.338", 0.62},
		{"WNUT17", "prose PER 0.304, PER+LOC 0.203", 0.55},
	} {
		s := scores[i]
		t.Logf("text/names %s, a fifth: %v; mean score %.3f at precision %.3f (test split: %s)",
			corpus.name, s.String(), s.shares/float64(s.all(s.found)), float64(s.all(s.hit))/float64(s.all(s.found)), corpus.peer)
		require.Greater(t, s.f1(0, 1), corpus.floor)
	}
}
