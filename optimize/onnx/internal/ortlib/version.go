package ortlib

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
)

// Needed is the oldest version of ONNX Runtime that has version 24 of its C API.
var Needed = Version{1, 24, 0}

// Version is the version of a library. The zero Version is not known.
type Version struct{ Major, Minor, Patch int }

var digits = regexp.MustCompile(`(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?`)

// ParseVersion returns the first version that stands in s, such as 1.28.2 in
// "VERS_1.28.2"; a missing patch is 0. The zero Version means that there is none.
func ParseVersion(s string) (v Version) {
	m := digits.FindStringSubmatch(s)
	if m == nil {
		return v
	}
	for i, n := range []*int{&v.Major, &v.Minor, &v.Patch} {
		*n, _ = strconv.Atoi(m[i+1]) // at most six digits, or an absent patch
	}
	return v
}

// Compare orders versions, older first.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor), cmp.Compare(v.Patch, w.Patch))
}

// Known reports whether there is a version at all.
func (v Version) Known() bool { return v != Version{} }

// String is the version as in "1.28.2".
func (v Version) String() string {
	if !v.Known() {
		return "of unknown version"
	}
	return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
}
