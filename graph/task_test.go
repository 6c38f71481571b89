package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func TestTasksHaveNames(t *testing.T) {
	for want, names := range map[graph.Task][]string{
		0:                                 nil,
		graph.TaskStats | graph.TaskRanks: {"ranks", "Stats"},
		graph.TaskStats | graph.TaskComponents | graph.TaskRanks | graph.TaskCommunities | graph.TaskAnomalies: {"all"},
	} {
		got, err := graph.ParseTasks(names)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	require.Equal(t, "stats,ranks", (graph.TaskStats | graph.TaskRanks).String())
	require.Equal(t, "default", graph.Task(0).String())
	_, err := graph.ParseTasks([]string{"beans"})
	require.ErrorIs(t, err, quintet.ErrOption)
	require.ErrorContains(t, err, "graph: no task \"beans\"")
}
