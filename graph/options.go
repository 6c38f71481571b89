package graph

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Task selects what a [Pipeline] finds out; add tasks with |.
type Task uint

// The tasks.
const (
	TaskStats       Task = 1 << iota // Result.Stats
	TaskComponents                   // Result.Components
	TaskRanks                        // Result.Ranks
	TaskCommunities                  // Result.Communities
	TaskAnomalies                    // Result.Anomalies

	allTasks = TaskStats | TaskComponents | TaskRanks | TaskCommunities | TaskAnomalies
)

// Options configures a [Pipeline]. The zero value runs all tasks.
type Options struct {
	// Tasks are the tasks to run. Default: all.
	Tasks Task

	// TopComponents limits Result.Components.Sizes. Default: 10.
	TopComponents int

	// TopRanks limits Result.Ranks. Default: 10.
	TopRanks int

	// TopCommunities limits Result.Communities.Sizes. Default: 10.
	TopCommunities int

	// PageRank configures TaskRanks; its Workers default to those below.
	PageRank PageRankOptions

	// Leiden configures TaskCommunities.
	Leiden LeidenOptions

	// Anomalies configures TaskAnomalies; its Workers default to those below.
	Anomalies AnomaliesOptions

	// Workers is how many goroutines share the work on one graph. Default: 1,
	// since the runtime works on several graphs at a time; few and large
	// graphs want more.
	Workers int

	// Runtime is shared with other pipelines. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o Options) withDefaults() (Options, error) {
	switch unknown := o.Tasks &^ allTasks; {
	case unknown != 0:
		return o, fmt.Errorf("graph: unknown bits %#x in Tasks: %w", uint(unknown), quintet.ErrOption)
	case o.TopComponents < 0:
		return o, fmt.Errorf("graph: TopComponents is %d: %w", o.TopComponents, quintet.ErrOption)
	case o.TopRanks < 0:
		return o, fmt.Errorf("graph: TopRanks is %d: %w", o.TopRanks, quintet.ErrOption)
	case o.TopCommunities < 0:
		return o, fmt.Errorf("graph: TopCommunities is %d: %w", o.TopCommunities, quintet.ErrOption)
	case o.Workers < 0:
		return o, fmt.Errorf("graph: Workers is %d: %w", o.Workers, quintet.ErrOption)
	}
	if o.Tasks == 0 {
		o.Tasks = allTasks
	}
	if o.TopComponents == 0 {
		o.TopComponents = 10
	}
	if o.TopRanks == 0 {
		o.TopRanks = 10
	}
	if o.TopCommunities == 0 {
		o.TopCommunities = 10
	}
	if o.Workers == 0 {
		o.Workers = 1
	}
	return o.partsWithDefaults()
}

// partsWithDefaults refuses and fills in the options of tasks.
func (o Options) partsWithDefaults() (Options, error) {
	if o.PageRank.Workers == 0 {
		o.PageRank.Workers = o.Workers
	}
	if o.Anomalies.Workers == 0 {
		o.Anomalies.Workers = o.Workers
	}
	var err error
	if o.PageRank, err = o.PageRank.withDefaults(); err != nil {
		return o, err
	}
	if o.Leiden, err = o.Leiden.withDefaults(); err != nil {
		return o, err
	}
	o.Anomalies, err = o.Anomalies.withDefaults()
	return o, err
}
