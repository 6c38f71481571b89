package wal_test

import (
	"errors"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
	"github.com/quintet-ai/quintet/internal/wal/faultfs"
)

func TestRecordsComeBackInOrder(t *testing.T) {
	for _, policy := range []wal.Policy{wal.Always, wal.Every, wal.Never} {
		for _, segment := range []int64{1, 500, 0} {
			fs := faultfs.New()
			o := wal.Options{Policy: policy, SegmentBytes: segment}
			var want []string
			for i := range 5 {
				s := mustOpen(t, fs, o)
				require.Equal(t, want, s.items)
				for j := range i * 3 {
					require.NoError(t, s.add(strconv.Itoa(i), "", long(byte('a'+j))))
				}
				want = s.items
				require.NoError(t, s.log.Close())
				require.NoError(t, s.log.Close(), "twice is harmless")
				require.ErrorIs(t, s.log.Append([]byte("x")), quintet.ErrClosed)
				require.ErrorIs(t, s.log.Sync(), quintet.ErrClosed)
				require.ErrorIs(t, s.log.Replace(s.blocks), quintet.ErrClosed)
			}
			require.Equal(t, segment == 0, len(names(fs, ".log")) == 1)
		}
	}
}

func TestACheckpointFreesTheLogBeforeIt(t *testing.T) {
	fs := faultfs.New()
	o := wal.Options{SegmentBytes: 300}
	s := mustOpen(t, fs, o)
	for i := range 50 {
		require.NoError(t, s.add(strconv.Itoa(i)))
	}
	before := s.log.Sizes()
	require.Greater(t, len(names(fs, ".log")), 3)
	require.NoError(t, s.checkpoint())
	require.NoError(t, s.checkpoint(), "nothing new")
	require.Len(t, names(fs, ".log"), 1)
	require.Len(t, names(fs, ".snap"), 1)
	after := s.log.Sizes()
	require.Less(t, after.Log, before.Log)
	require.Zero(t, before.Snapshot)
	require.Positive(t, after.Snapshot)
	require.WithinDuration(t, time.Now(), after.Made, time.Minute)

	require.NoError(t, s.add("later"))
	require.NoError(t, s.log.Replace(s.blocks))
	require.NoError(t, s.log.Replace(s.blocks), "again, with no record since")
	require.NoError(t, s.add("last"))
	require.NoError(t, s.log.Close())
	require.Len(t, names(fs, ".snap"), 1)
	require.Equal(t, s.items, mustOpen(t, fs, o).items)
}

func TestEveryMakesRecordsLastByItself(t *testing.T) {
	fs := faultfs.New()
	synced := make(chan string, 100)
	fs.Fail(func(op, name string) error {
		if op == "sync" {
			synced <- name
		}
		return nil
	})
	s := mustOpen(t, fs, wal.Options{Policy: wal.Every, Interval: time.Millisecond})
	for len(synced) > 0 {
		<-synced
	}
	require.NoError(t, s.add("a"))
	<-synced // which nobody asked for
	require.NoError(t, s.log.Close())
}

func TestALockedDirectoryIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "store")
	log, err := wal.Open(path, wal.Options{}, wal.Handler{})
	require.NoError(t, err)
	_, err = wal.Open(path, wal.Options{}, wal.Handler{})
	require.ErrorIs(t, err, quintet.ErrBusy)
	require.NoError(t, log.Close())
	log, err = wal.Open(path, wal.Options{}, wal.Handler{})
	require.NoError(t, err)
	require.NoError(t, log.Close())
}

func TestAnotherTagIsRefused(t *testing.T) {
	fs := faultfs.New()
	s := mustOpen(t, fs, wal.Options{Tag: wal.Tag{1}})
	require.NoError(t, s.add("a"))
	require.NoError(t, s.log.Close())
	for range 2 {
		_, err := openStore(fs, wal.Options{Tag: wal.Tag{2}})
		var tag *wal.TagError
		require.ErrorAs(t, err, &tag)
		require.Equal(t, wal.Tag{1}, tag.Tag)
		require.ErrorIs(t, err, quintet.ErrOption)
		s = mustOpen(t, fs, wal.Options{Tag: wal.Tag{1}})
		require.NoError(t, s.checkpoint(), "the second time it is the snapshot's tag")
		require.NoError(t, s.log.Close())
	}
}

func TestAFullDiskCostsOnlyWhatDidNotFit(t *testing.T) {
	fs := faultfs.New()
	s := mustOpen(t, fs, wal.Options{SegmentBytes: 2000})
	for space := range int64(900) {
		fs.Space(space)
		err := s.add(strconv.Itoa(int(space)), long('x'))
		require.Equal(t, space >= 32+32+32+704, err == nil, "%d: %v", space, err)
		if err != nil {
			require.ErrorContains(t, err, "no space left")
		}
		fs.Space(40)
		require.Error(t, s.log.Replace(s.blocks))
		fs.Space(-1)
		require.NoError(t, s.add("fits"))
	}
	want := s.items
	require.NoError(t, s.log.Close())
	require.Equal(t, want, mustOpen(t, fs, wal.Options{}).items)
}

func TestAFailedSyncEndsTheLogUntilItIsReplaced(t *testing.T) {
	fs := faultfs.New()
	s := mustOpen(t, fs, wal.Options{})
	require.NoError(t, s.add("a"))
	broken := errors.New("broken")
	fs.Fail(func(op, _ string) error {
		if op == "sync" {
			return broken
		}
		return nil
	})
	require.ErrorIs(t, s.add("lost"), broken)
	fs.Fail(nil)
	require.ErrorIs(t, s.add("refused"), broken)
	require.ErrorIs(t, s.log.Err(), broken)
	_, err := s.log.Rotate()
	require.ErrorIs(t, err, broken)
	require.NoError(t, s.log.Replace(s.blocks))
	require.NoError(t, s.log.Err())
	require.NoError(t, s.add("b"))
	require.NoError(t, s.log.Close())
	require.Equal(t, []string{"a", "b"}, mustOpen(t, fs, wal.Options{}).items)
}
