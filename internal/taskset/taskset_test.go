package taskset_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/taskset"
)

type task uint

var names = taskset.Names[task]{"one", "two", "three"}

func TestParse(t *testing.T) {
	for name, tt := range map[string]struct {
		names []string
		want  task
	}{
		"none is zero":     {nil, 0},
		"order and case":   {[]string{"Three", "ONE"}, 5},
		"twice is once":    {[]string{"two", "two"}, 2},
		"all and then one": {[]string{"ALL", "three"}, 7},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := names.Parse("area", tt.names, 3, 1)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
	for _, bad := range []string{"", "four", "one,two"} {
		_, err := names.Parse("area", []string{"one", bad}, 3, 1)
		require.ErrorIs(t, err, quintet.ErrOption, bad)
	}
	_, err := names.Parse("area", []string{"four"}, 3, 1)
	require.EqualError(t, err, `area: no task "four", want all or some of one,two,three: invalid option`)
}

func TestStringIsParsed(t *testing.T) {
	for tasks := task(1); tasks < 8; tasks++ {
		got, err := names.Parse("area", strings.Split(names.String(tasks), ","), 0, 0)
		require.NoError(t, err)
		require.Equal(t, tasks, got)
	}
	require.Equal(t, "default", names.String(0))
	require.Equal(t, "one,0x18", names.String(1|8|16))
}
