package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func run(t *testing.T, lines ...string) (summary, string) {
	t.Helper()
	s := summary{output: map[string]*strings.Builder{}}
	var out strings.Builder
	require.NoError(t, s.read(strings.NewReader(strings.Join(lines, "\n")), &out))
	return s, out.String()
}

func TestTotals(t *testing.T) {
	s, out := run(t,
		`{"Action":"run","Package":"p","Test":"TestA"}`,
		`{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN TestA\n"}`,
		`{"Action":"pass","Package":"p","Test":"TestA"}`,
		`{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: no such file, see README\n"}`,
		`{"Action":"output","Package":"p","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}`,
		`{"Action":"skip","Package":"p","Test":"TestB"}`,
		`{"Action":"pass","Package":"p","Elapsed":1.25}`,
		`{"Action":"output","Package":"q","Output":"?   \tq\t[no test files]\n"}`,
		`{"Action":"skip","Package":"q"}`)
	require.Equal(t, []int{1, 0, 1}, []int{s.passed, s.failed, s.skipped})
	require.False(t, s.broken)
	require.Equal(t, "skip  p TestB: b_test.go:7: no such file, see README\nok    p 1.2s\n", out)
}

func TestNothingThatFailedIsHidden(t *testing.T) {
	s, out := run(t,
		`{"ImportPath":"r","Action":"build-output","Output":"r/r.go:3:1: syntax error\n"}`,
		`{"ImportPath":"r","Action":"build-fail"}`,
		`{"Action":"fail","Package":"r","Elapsed":0}`,
		`{"Action":"output","Package":"p","Test":"TestA","Output":"a_test.go:1: want 1\n"}`,
		`{"Action":"fail","Package":"p","Test":"TestA"}`,
		`{"Action":"output","Package":"p","Test":"TestHangs","Output":"goroutine 1 [running]\n"}`,
		`{"Action":"fail","Package":"p"}`,
		`not json at all`)
	require.Equal(t, 1, s.failed)
	require.True(t, s.broken)
	for _, want := range []string{"r/r.go:3:1: syntax error", "a_test.go:1: want 1", "goroutine 1 [running]", "not json at all"} {
		require.Contains(t, out, want)
	}
}
