package asynqjobs

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
)

// Options configures [Open]. The zero value is a queue on a Redis of this machine.
type Options struct {
	// Addresses are host:port of one server, of some nodes of a cluster, or of
	// sentinels. Default: localhost:6379.
	Addresses []string

	// Cluster says that a single address is that of a cluster. More than one is.
	Cluster bool

	// Primary is the name of the primary that sentinels are asked for. Default: the
	// addresses are servers.
	Primary string

	// Username and Password of the server. Default: none.
	Username, Password string

	// DB is the number of the database; a cluster has only 0. Default: 0.
	DB int

	// TLS encrypts connections. Default: it does not.
	TLS *tls.Config

	// Connections bounds the open connections to each server. Default: 10 for each
	// processor.
	Connections int

	// Timeout bounds every call that does not serve. Default: 5 s.
	Timeout time.Duration

	// Name is that of the queue: queues of one server with different names know
	// nothing of one another. Default: "quintet".
	Name string

	// Poll is how long a worker without work pauses before it asks again, and how
	// often jobs are looked for whose time has come. Default: 500 ms.
	Poll time.Duration

	// MaxJobs bounds the jobs that wait or run. Default: 100,000.
	MaxJobs int

	// MaxFinished bounds the jobs in a final state; those that would be forgotten
	// first are forgotten earlier. Default: 100,000.
	MaxFinished int

	// MaxArgs bounds the bytes of a job's arguments. Default: 1 MiB.
	MaxArgs int

	// ResultTTL is how long a job is known after its end. Default: 1 h.
	ResultTTL time.Duration

	// Logger hears what asynq has to say, mostly of a server that does not answer.
	// Default: nobody.
	Logger *slog.Logger
}

func (o Options) withDefaults() (Options, error) {
	switch {
	case o.Connections < 0 || o.DB < 0 || o.Timeout < 0 || o.Poll < 0:
		return o, fmt.Errorf("asynqjobs: negative connections, database, timeout or poll: %w", quintet.ErrOption)
	case o.MaxJobs < 0 || o.MaxFinished < 0 || o.MaxArgs < 0 || o.ResultTTL < 0:
		return o, fmt.Errorf("asynqjobs: negative bound of a job queue: %w", quintet.ErrOption)
	case len(o.Name) > 100 || strings.ContainsAny(o.Name, "{} \t\n\x00"):
		return o, fmt.Errorf("asynqjobs: name of a queue has braces, blanks or over 100 bytes: %w", quintet.ErrOption)
	}
	if len(o.Addresses) == 0 {
		o.Addresses = []string{"localhost:6379"}
	}
	o.Timeout = cmp.Or(o.Timeout, 5*time.Second)
	o.Name = cmp.Or(o.Name, "quintet")
	o.Poll = cmp.Or(o.Poll, 500*time.Millisecond)
	o.MaxJobs = cmp.Or(o.MaxJobs, 100_000)
	o.MaxFinished = cmp.Or(o.MaxFinished, 100_000)
	o.MaxArgs = cmp.Or(o.MaxArgs, 1<<20)
	o.ResultTTL = cmp.Or(o.ResultTTL, time.Hour)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	return o, nil
}
