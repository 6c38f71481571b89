// Package taskset gives names to the tasks of a domain, which are bits of a set:
//
//	var names = taskset.Names[Task]{"properties", "hashes"}
//	t, err := names.Parse("vision", []string{"hashes"}, allTasks)
package taskset

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/quintet-ai/quintet"
)

// Names are those of the tasks by bit, in lower case, at most one for each bit of T.
type Names[T ~uint] []string

// Parse returns the set of the named tasks, whatever their case and order; "all" and
// "default" are the given sets. No name gives 0. An unknown name gives an error wrapping quintet.ErrOption.
func (n Names[T]) Parse(domain string, names []string, all, usual T) (T, error) {
	var t T
	for _, name := range names {
		one := n.bit(strings.ToLower(name))
		if strings.EqualFold(name, "all") {
			one = all
		}
		if strings.EqualFold(name, "default") {
			one = usual
		}
		if one == 0 {
			return 0, fmt.Errorf("%s: no task %.50q, want all or some of %s: %w",
				domain, name, strings.Join(n, ","), quintet.ErrOption)
		}
		t |= one
	}
	return t, nil
}

func (n Names[T]) bit(name string) T {
	for i, known := range n {
		if name == known {
			return 1 << i
		}
	}
	return 0
}

// String returns the names of the tasks in t with commas between, then the bits that
// have no name, and "default" for 0.
func (n Names[T]) String(t T) string {
	if t == 0 {
		return "default"
	}
	var names []string
	for ; t != 0; t &= t - 1 {
		i := bits.TrailingZeros(uint(t))
		if i >= len(n) {
			names = append(names, fmt.Sprintf("%#x", uint(t)))
			break
		}
		names = append(names, n[i])
	}
	return strings.Join(names, ",")
}
