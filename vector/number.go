package vector

import "cmp"

func order[T cmp.Ordered](a, b T) int { return cmp.Compare(a, b) }

// compareNumbers compares exactly, although neither int64 nor float64 holds all
// values of the other.
func compareNumbers(v, w value) int {
	switch {
	case v.kind == kindInt && w.kind == kindInt:
		return order(v.i, w.i)
	case v.kind == kindUint && w.kind == kindUint:
		return order(v.u, w.u)
	case v.kind == kindFloat && w.kind == kindFloat:
		return order(v.f, w.f)
	case w.kind == kindFloat:
		return compareToFloat(v, w.f)
	case v.kind == kindFloat:
		return -compareToFloat(w, v.f)
	case v.kind == kindInt:
		return -1 // a kindUint is above every kindInt
	}
	return 1
}

// compareToFloat compares an integer with a float. Rounding the integer keeps
// the order but may make it equal; then f is a whole number that can be compared
// as an integer, unless it is just above the range.
func compareToFloat(v value, f float64) int {
	if v.kind == kindInt {
		switch x := float64(v.i); {
		case x != f:
			return order(x, f)
		case f >= 1<<63:
			return -1
		}
		return order(v.i, int64(f))
	}
	switch x := float64(v.u); {
	case x != f:
		return order(x, f)
	case f >= 1<<64:
		return -1
	}
	return order(v.u, uint64(f))
}
