package asynqjobs

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/quintet-ai/quintet/server/jobs"
)

// page is how many jobs List reads at a time.
const page = 500

// List implements [jobs.Queue]. It reads jobs, the newest first, until enough are
// found; one that is added meanwhile may be missing.
func (q *Queue) List(ctx context.Context, f jobs.Filter) ([]jobs.Info, error) {
	set := q.root + "all"
	if f.Owner != "" {
		set = q.root + "owner:" + f.Owner
	}
	out, seen := []jobs.Info{}, map[string]bool{}
	for from := int64(0); len(out) < f.Max(); from += page {
		var ids []string
		err := q.do(ctx, func(ctx context.Context) (err error) {
			ids, err = q.redis.ZRevRange(ctx, set, from, from+page-1).Result()
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			break
		}
		all, err := q.read(ctx, ids)
		if err != nil {
			return nil, err
		}
		for _, i := range all {
			if f.Matches(i) && !seen[i.ID] && len(out) < f.Max() {
				seen[i.ID] = true
				out = append(out, i)
			}
		}
	}
	return out, nil
}

// read returns those of some jobs that are known, without arguments and results.
func (q *Queue) read(ctx context.Context, ids []string) ([]jobs.Info, error) {
	fields := make([]*redis.SliceCmd, len(ids))
	err := q.do(ctx, func(ctx context.Context) error {
		_, err := q.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, id := range ids {
				fields[i] = p.HMGet(ctx, q.root+"job:"+id, shown...)
			}
			return nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	now, out := time.Now(), make([]jobs.Info, 0, len(ids))
	for i, id := range ids {
		r := record{}
		for k, name := range shown {
			r[name] = word(fields[i].Val(), k)
		}
		if r["spec"] == "" || r.expired(now) {
			continue
		}
		info, err := r.info(id, now)
		if err != nil {
			return nil, err
		}
		out = append(out, info)
	}
	return out, nil
}

// Stats implements [jobs.Queue]. Done, Failed, Canceled and Retries count what all
// processes did since the queue was made in Redis.
func (q *Queue) Stats(ctx context.Context) (s jobs.Stats, err error) {
	now := time.Now()
	var running *redis.IntCmd
	var counts *redis.MapStringStringCmd
	var later, ready []*redis.IntCmd
	var first []*redis.ZSliceCmd
	err = q.do(ctx, func(ctx context.Context) error {
		_, err := q.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
			running, counts = p.ZCard(ctx, q.root+"running"), p.HGetAll(ctx, q.root+"stats")
			for priority := jobs.Low; priority <= jobs.Critical; priority++ {
				set := q.root + "waiting:" + strconv.Itoa(int(priority))
				later = append(later, p.ZCount(ctx, set, "("+micros(now), "+inf"))
				ready = append(ready, p.ZCount(ctx, set, "-inf", micros(now)))
				first = append(first, p.ZRangeWithScores(ctx, set, 0, 0))
			}
			return nil
		})
		return err
	})
	if err != nil {
		return s, err
	}
	for i := range later {
		s.Scheduled += int(later[i].Val())
		s.Queued += int(ready[i].Val())
		for _, z := range first[i].Val() {
			s.Oldest = max(s.Oldest, now.Sub(time.UnixMicro(int64(z.Score))))
		}
	}
	s.Running = int(running.Val())
	count := func(name string) uint64 { n, _ := strconv.ParseUint(counts.Val()[name], 10, 64); return n }
	s.Done, s.Failed, s.Canceled, s.Retries = count("done"), count("failed"), count("canceled"), count("retries")
	return s, nil
}
