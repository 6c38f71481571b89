package riverjobs

import (
	"cmp"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
)

// Options configures [Open]. The zero value is a queue on the server that the variables
// PGHOST, PGUSER and so on name.
type Options struct {
	// URL says where the database is, as a URL or as words such as "host=db user=app".
	// Default: the variables of the environment that libpq knows.
	URL string

	// Schema is where the tables are; it is made if it is not there. It has letters,
	// digits and "_", and does not start with a digit. Default: the first of the search
	// path.
	Schema string

	// NoMigrate says that the tables are there and nothing is to be made. Without it the
	// first Open must be allowed to create tables.
	NoMigrate bool

	// Connections bounds the open connections. Default: 10.
	Connections int

	// Timeout bounds every call that does not serve. Default: 5 s.
	Timeout time.Duration

	// Name is that of the queue: queues of one schema with different names know nothing
	// of one another. It has letters, digits, "_" and "-". Default: "quintet".
	Name string

	// Poll is how often jobs are looked for whose time has come. Default: 1 s.
	Poll time.Duration

	// MaxJobs bounds the jobs that wait or run. Default: 100,000.
	MaxJobs int

	// MaxFinished bounds the jobs in a final state; those that would be forgotten first
	// are forgotten earlier, by whoever serves. Default: 100,000.
	MaxFinished int

	// MaxArgs bounds the bytes of a job's arguments. Default: 1 MiB.
	MaxArgs int

	// ResultTTL is how long a job is known after its end. Default: 1 h.
	ResultTTL time.Duration

	// Logger hears what River has to say, mostly of a server that does not answer.
	// Default: nobody.
	Logger *slog.Logger
}

func (o Options) withDefaults() (Options, error) {
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}
	switch {
	case o.Connections < 0 || o.Timeout < 0 || o.Poll < 0:
		return o, fmt.Errorf("riverjobs: negative connections, timeout or poll: %w", quintet.ErrOption)
	case o.MaxJobs < 0 || o.MaxFinished < 0 || o.MaxArgs < 0 || o.ResultTTL < 0:
		return o, fmt.Errorf("riverjobs: negative bound of a job queue: %w", quintet.ErrOption)
	case len(o.Name) > 60 || strings.ContainsFunc(o.Name, odd):
		return o, fmt.Errorf("riverjobs: name of a queue has odd letters or over 60: %w", quintet.ErrOption)
	case len(o.Schema) > 46 || strings.ContainsFunc(o.Schema, odd) || strings.Contains(o.Schema, "-") ||
		o.Schema != "" && o.Schema[0] <= '9':
		return o, fmt.Errorf("riverjobs: name of a schema has odd letters or over 46: %w", quintet.ErrOption)
	}
	o.Connections = max(cmp.Or(o.Connections, 10), 3)
	o.Timeout = cmp.Or(o.Timeout, 5*time.Second)
	o.Name = cmp.Or(o.Name, "quintet")
	o.Poll = max(cmp.Or(o.Poll, time.Second), time.Millisecond)
	o.MaxJobs = cmp.Or(o.MaxJobs, 100_000)
	o.MaxFinished = cmp.Or(o.MaxFinished, 100_000)
	o.MaxArgs = cmp.Or(o.MaxArgs, 1<<20)
	o.ResultTTL = cmp.Or(o.ResultTTL, time.Hour)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	return o, nil
}
