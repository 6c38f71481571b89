package audio_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
)

func TestTasksHaveNames(t *testing.T) {
	for want, names := range map[audio.Task][]string{
		0:                                nil,
		audio.TaskMel | audio.TaskSpeech: {"speech", "Mel"},
		audio.TaskProperties | audio.TaskMel | audio.TaskSpeech: {"all"},
	} {
		got, err := audio.ParseTasks(names)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	require.Equal(t, "mel,speech", (audio.TaskMel | audio.TaskSpeech).String())
	require.Equal(t, "default", audio.Task(0).String())
	_, err := audio.ParseTasks([]string{"beans"})
	require.ErrorIs(t, err, quintet.ErrOption)
	require.ErrorContains(t, err, "audio: no task \"beans\"")
}
