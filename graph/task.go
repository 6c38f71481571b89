package graph

import "github.com/quintet-ai/quintet/internal/taskset"

var taskNames = taskset.Names[Task]{"stats", "components", "ranks", "communities", "anomalies"} // by bit

// ParseTasks returns the set of the named tasks. The names are those of [Task.String]
// and "all"; case and order do not matter. No name gives the zero Task. An unknown name
// gives an error wrapping [quintet.ErrOption].
func ParseTasks(names []string) (Task, error) {
	return taskNames.Parse("graph", names, allTasks, allTasks)
}

// String returns the names of the tasks with commas between, "default" for the zero
// Task.
func (t Task) String() string { return taskNames.String(t) }
