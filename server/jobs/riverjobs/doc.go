// Package riverjobs is a job queue in PostgreSQL, for workers in several processes and
// on several machines:
//
//	q, err := riverjobs.Open(ctx, riverjobs.Options{URL: "postgres://app@db/app"})
//	go q.Serve(ctx, mux, jobs.ServeOptions{Workers: 8})
//	info, err := q.Enqueue(ctx, spec)
//
// It keeps every promise of package jobs, priorities included. It is a module of its
// own, so that nobody else downloads River and pgx.
//
// # How it works
//
// A job is a row of the table quintet_job. River delivers: in the transaction that adds
// a job it gets a ticket, which wakes a worker; the worker then takes the row that is to
// start next. Jobs whose time comes, whose pause ends or whose worker died get a ticket
// by whoever serves and finds more jobs than tickets. [Open] makes the tables of both,
// unless Options.NoMigrate; times are those of the server.
//
// # When a process dies
//
// A worker says every few seconds that it lives. A job whose worker was killed starts
// again half a minute later. The attempt counts.
//
// # When PostgreSQL is slow, hung or gone
//
// Every call ends within Options.Timeout and with its context, with
// [jobs.ErrUnavailable]. Workers try on by themselves and note what ended meanwhile when
// the server is back, unless it was away for so long that somebody else runs the job.
//
// # Limits
//
// A job starts up to Options.Poll after a pause or a schedule ends. A job that runs hears
// within a second that it was canceled. Done, Failed, Canceled and Retries of
// [jobs.Stats] count what this process did. MaxJobs counts those of other processes once
// a second. Every tenth job that a process starts, not that all start, is the one that
// waits longest. Behind a pooler such as PgBouncer only session pooling works. Each Serve
// holds a connection for notifications.
package riverjobs
