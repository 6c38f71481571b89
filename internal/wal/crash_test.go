package wal_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/wal"
	"github.com/quintet-ai/quintet/internal/wal/faultfs"
)

// TestALossOfPowerCostsNoAcknowledgedRecord ends a log after random operations,
// of which some fail: by Close, by death of the process or by loss of power. What
// comes back are the records in order, all that were promised, and at most the
// one that failed last.
func TestALossOfPowerCostsNoAcknowledgedRecord(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		fs := faultfs.New()
		promised, tried := 0, []string(nil)
		for life := range 6 {
			msg := fmt.Sprintf("seed %d life %d", seed, life)
			o := wal.Options{Policy: wal.Policy(rng.IntN(3)), SegmentBytes: 1 + rng.Int64N(4000)}
			s, err := openStore(fs, o)
			require.NoError(t, err, msg)
			require.GreaterOrEqual(t, len(s.items), promised, msg)
			require.LessOrEqual(t, len(s.items), len(tried), msg)
			for i, it := range s.items {
				require.Equal(t, tried[i], it, msg)
			}
			began := len(s.items)
			tried = live(t, rng, fs, s)
			promised = len(s.items)
			switch rng.IntN(3) {
			case 0:
				err := s.log.Close()
				if s.log.Err() == nil {
					require.NoError(t, err, msg)
				}
				fs = faultfs.With(fs.Files())
			case 1:
				after := faultfs.With(fs.Files())
				_ = s.log.Close() // in a file system that is no more
				fs = after
			default:
				after := fs.Cut(rng)
				_ = s.log.Close()
				fs = after
				if o.Policy != wal.Always {
					promised = began
				}
			}
		}
	}
}

// live makes random operations and returns the items, with the one after them
// that may be there although it failed.
func live(t *testing.T, rng *rand.Rand, fs *faultfs.FS, s *store) (tried []string) {
	t.Helper()
	unlucky := errors.New("unlucky")
	if rng.IntN(3) > 0 {
		chance := 3 + rng.IntN(40)
		fs.Fail(func(op, _ string) error {
			if rng.IntN(chance) == 0 {
				return unlucky
			}
			return nil
		})
	}
	defer fs.Fail(nil)
	tried = s.items
	for range rng.IntN(20) {
		failed := s.log.Err()
		var err error
		switch rng.IntN(10) {
		case 0:
			err = s.checkpoint()
		case 1:
			err = s.log.Replace(s.blocks)
		default:
			it := fmt.Sprint(len(s.items), long(byte('a' + rng.IntN(26)))[:rng.IntN(700)])
			if err = s.add(it); err == nil {
				tried = s.items
			} else if failed == nil {
				tried = append(s.items[:len(s.items):len(s.items)], it)
			}
		}
		if err != nil {
			require.ErrorIs(t, err, unlucky)
		}
	}
	return tried
}
