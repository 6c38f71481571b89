package audio_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
)

func TestParseTasks(t *testing.T) {
	const all = audio.TaskFingerprint<<1 - 1
	tests := map[string]struct {
		names []string
		want  audio.Task
	}{
		"none is zero":         {nil, 0},
		"one":                  {[]string{"loudness"}, audio.TaskLoudness},
		"order and case":       {[]string{"Tempo", "KEY", "mel"}, audio.TaskMel | audio.TaskTempo | audio.TaskKey},
		"twice is once":        {[]string{"key", "key"}, audio.TaskKey},
		"all":                  {[]string{"all"}, all},
		"the costly ones":      {[]string{"pitch", "chords", "fingerprint"}, all &^ (audio.TaskPitch - 1)},
		"default":              {[]string{"default"}, audio.TaskPitch - 1},
		"the default and more": {[]string{"DEFAULT", "pitch"}, audio.TaskPitch<<1 - 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := audio.ParseTasks(tt.names)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
	for _, bad := range []string{"", "beats", "key,mel"} {
		_, err := audio.ParseTasks([]string{"key", bad})
		require.ErrorIs(t, err, quintet.ErrOption, bad)
	}
}

func TestTasksHaveNames(t *testing.T) {
	require.Equal(t, "default", audio.Task(0).String())
	require.Equal(t, "mel,tempo", (audio.TaskMel | audio.TaskTempo).String())
	require.Equal(t, "properties,0x100000", (audio.TaskProperties | 1<<20).String())
	for one := audio.Task(1); one <= audio.TaskFingerprint; one <<= 1 {
		got, err := audio.ParseTasks([]string{one.String()})
		require.NoError(t, err)
		require.Equal(t, one, got)
	}
}
