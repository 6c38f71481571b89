package vision_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

func TestTasksHaveNames(t *testing.T) {
	for want, names := range map[vision.Task][]string{
		0: nil,
		vision.TaskProperties | vision.TaskEmbedding:                                     {"embedding", "Properties"},
		vision.TaskProperties | vision.TaskHashes | vision.TaskColors | vision.TaskFaces: {"all"},
	} {
		got, err := vision.ParseTasks(names)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	require.Equal(t, "properties,embedding", (vision.TaskProperties | vision.TaskEmbedding).String())
	require.Equal(t, "default", vision.Task(0).String())
	_, err := vision.ParseTasks([]string{"beans"})
	require.ErrorIs(t, err, quintet.ErrOption)
	require.ErrorContains(t, err, "vision: no task \"beans\"")
}
