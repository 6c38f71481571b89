// Package jobs runs work in the background: typed handlers, priorities, retries,
// schedules, results.
//
//	mux := jobs.NewMux()
//	err := jobs.Register(mux, "resize", resize, jobs.KindOptions{MaxAttempts: 5})
//	q, err := jobs.Open("/var/lib/app/jobs", jobs.Options{}) // jobs.New keeps them in memory
//	go q.Serve(ctx, mux, jobs.ServeOptions{Workers: 8})
//
//	spec, err := jobs.NewSpec("resize", Resize{Picture: "a.jpg", Width: 200})
//	info, err := q.Enqueue(ctx, spec)
//	info, err = q.Get(ctx, "", info.ID)           // info.State, info.Error
//	thumbnail, err := jobs.Result[Thumbnail](info)
//
// # What every queue promises
//
// A job whose Enqueue returned no error runs at least once, and more than once only if
// an attempt failed or its process died. Its ID is the same in every attempt and is
// the key by which a handler recognises work it has done already; see [FromContext].
// An attempt that fails is tried again after a pause that doubles, with chance in it,
// until MaxAttempts; then the job is [Failed], keeps its error and can be tried again by
// hand. An error marked by [Permanent] fails at once, and so do a panic's second
// attempt, arguments that do not fit and kinds that nobody registered.
//
// A job of higher [Priority] starts first. Every tenth that starts is the one that
// waits longest, whatever its priority, so that nothing starves.
//
// A job with an Owner is seen by that owner only: for others it does not exist.
//
// # Files
//
// [Open] keeps jobs in a directory that belongs to one process. Enqueue returns when
// the job is on disk; callers who come at the same time share a sync. A job that ran
// when the process died runs again at the next Open, the attempt counted.
//
// # Limits
//
// One process serves a [Local] queue; several machines need a queue on Redis or
// PostgreSQL. A handler that heeds no context keeps its worker. Results are for what a
// caller polls, some KB; larger ones belong in a file.
package jobs
