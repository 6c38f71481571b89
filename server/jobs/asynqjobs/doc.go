// Package asynqjobs is a job queue in Redis, for workers in several processes and on
// several machines:
//
//	q, err := asynqjobs.Open(asynqjobs.Options{Addresses: []string{"redis:6379"}})
//	go q.Serve(ctx, mux, jobs.ServeOptions{Workers: 8})
//	info, err := q.Enqueue(ctx, spec)
//
// It keeps every promise of package jobs, priorities included. It is a module of its
// own, so that nobody else downloads asynq and the client of Redis.
//
// # How it works
//
// A job is a hash in Redis, changed by scripts, so that state, order, owners and unique
// keys change at once. asynq delivers: for each job that waits it holds a ticket, a
// task that comes due when the job does, is leased to one worker and comes again when
// that worker died. The ticket says that some job is to start; a script chooses which.
//
// # When a process dies
//
// A job whose worker was killed starts again when its lease has ended, one to two
// minutes later; asynq fixes these times. The attempt counts.
//
// # When Redis is slow, hung or gone
//
// Every call ends within Options.Timeout and by the deadline of its context, with
// [jobs.ErrUnavailable]. Workers try on by themselves. Jobs that ended meanwhile are
// noted as ended if Redis is back within their lease of 30 s, else they run again. What
// Redis loses when it dies is lost: a queue that matters needs appendonly yes, with
// appendfsync always if not even a second of jobs may be lost, and
// maxmemory-policy noeviction.
//
// # Limits
//
// A job starts up to Options.Poll after it is ready, and up to a second more after a
// pause or a schedule. A job that runs hears within a second that it was canceled. Clocks
// of machines should agree within a second. Counts of [jobs.Stats] are those of all
// processes since the queue was made. List without a matching owner reads job after job.
// A job that was canceled leaves some 300 bytes behind until its time would have come.
// All keys of a queue are of one slot, as a cluster wants it, but only a single server is
// tested.
package asynqjobs
