package jobs

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// ErrUnavailable says that a queue cannot reach what keeps its jobs, such as a server of
// Redis or PostgreSQL, or got no answer in time. A job whose Enqueue returned it may
// have been added or not; with a UniqueKey it can safely be added again. It is a
// [quintet.ErrBusy].
var ErrUnavailable = fmt.Errorf("job store does not answer: %w", quintet.ErrBusy)
