package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/quintet-ai/quintet/internal/filelock"
)

// acquire waits until the file name of root is locked for this call alone. The
// file stays: removing it could give two processes a lock each, on two files of
// the same name.
func acquire(ctx context.Context, root *os.Root, name string) (release func(), err error) {
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, 250*time.Millisecond) {
		err = filelock.Try(f)
		if err == nil {
			return func() { f.Close() }, nil // which ends the lock
		}
		if !errors.Is(err, filelock.ErrLocked) {
			f.Close()
			return nil, fmt.Errorf("lock: %w", err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("%w while waiting for another fetch", ctx.Err())
		}
	}
}
