package hub

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

const (
	lockName  = private + "/lock"
	stateName = private + "/fetch.json" // the manifest of a fetch under way
)

// Fetch brings files of a repository, such as "owner/name", to the local disk and
// returns their directory, which [Open] opens. Files that are there already, as
// the manifest says, are not fetched again; if none is missing, Fetch asks
// nobody, writes nothing and does not wait for other processes.
//
// A connection that is cut or stalls is resumed, and answers 429 and 5xx are
// waited out, for Attempts. A file that is not what the digest says, that the
// server does not have or does not give, or that goes beyond MaxBytes is
// [quintet.ErrModel], a server that stays overloaded [quintet.ErrBusy]; what the
// disk refuses is the error of the operating system. The end of ctx ends the
// fetch; what arrived is kept for the next one.
func Fetch(ctx context.Context, repo string, o FetchOptions) (dir string, err error) {
	if !validRepo(repo) {
		return "", fmt.Errorf("hub: repository %q is not of the form owner/name: %w", repo, quintet.ErrOption)
	}
	if o, err = o.withDefaults(); err != nil {
		return "", fmt.Errorf("hub: %w", err)
	}
	dir = modelDir(o.Dir, repo, o.Revision)
	f := &fetch{repo: repo, opt: o}
	if err := f.run(ctx, dir); err != nil {
		return "", fmt.Errorf("hub: %s: %w", repo, f.cause(err))
	}
	return dir, nil
}

// fetch is a call of Fetch.
type fetch struct {
	repo     string
	opt      FetchOptions
	root     *os.Root // the model's directory
	client   *client
	manifest Manifest // what is there
	meter    *meter
}

// retry says how requests are repeated.
func (o FetchOptions) retry() optimize.RetryOptions {
	return optimize.RetryOptions{
		Attempts: o.Attempts, Base: o.Base, Max: max(o.Base, time.Minute), Retryable: isTransient,
	}
}

// revision is what the server is asked for: all files must be of one commit.
func (f *fetch) revision() string {
	if f.manifest.Commit != "" {
		return f.manifest.Commit
	}
	return f.opt.Revision
}

// cause adds the cause that callers act on to errors of the network.
func (f *fetch) cause(err error) error {
	for _, known := range []error{
		quintet.ErrModel, quintet.ErrOption, quintet.ErrBusy, quintet.ErrUnsupported,
		context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, known) {
			return err
		}
	}
	if isTransient(err) {
		return fmt.Errorf("%w: %w", err, quintet.ErrModel)
	}
	return err
}

func (f *fetch) run(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if whole, err := f.ready(ctx, dir); whole || err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	f.root = root
	if err := root.Mkdir(private, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	release, err := acquire(ctx, root, lockName)
	if err != nil {
		return err
	}
	defer release()
	return f.locked(ctx)
}

// ready reports whether all that is wanted is on disk. It only reads.
func (f *fetch) ready(ctx context.Context, dir string) (bool, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer root.Close()
	f.root = root
	if err := f.load(ManifestName); err != nil {
		return false, ignore(err, fs.ErrNotExist)
	}
	wanted, err := f.known()
	if len(wanted) == 0 || err != nil {
		return false, err
	}
	f.meter = newMeter(nil, wanted)
	for _, file := range wanted {
		if there, err := f.present(ctx, file); !there || err != nil {
			return false, err
		}
	}
	return true, nil
}

// locked fetches what is missing while no other process does.
func (f *fetch) locked(ctx context.Context) (err error) {
	if err := f.loadAny(); err != nil {
		return err
	}
	if f.client, err = newClient(f.opt); err != nil {
		return err
	}
	defer f.client.close(f.opt)
	wanted, err := f.wanted(ctx)
	if err != nil {
		return err
	}
	f.meter = newMeter(f.opt.Progress, wanted)
	missing, err := f.missing(ctx, wanted)
	if err != nil {
		return err
	}
	if err := f.checkRoom(wanted); err != nil {
		return err
	}
	if len(missing) > 0 && f.manifest.Commit != "" {
		if err := f.manifest.save(f.root, stateName); err != nil { // a part is of use only to its commit
			return err
		}
	}
	for _, file := range missing {
		if err := f.one(ctx, file); err != nil {
			return fmt.Errorf("%s: %w", file.Name, err)
		}
	}
	if len(f.opt.Files) == 0 {
		f.manifest.Listed = true
	}
	if err := f.manifest.save(f.root, ManifestName); err != nil {
		return err
	}
	return ignore(f.root.Remove(stateName), fs.ErrNotExist)
}

// checkRoom refuses, before the first byte, sizes that add up beyond MaxBytes.
func (f *fetch) checkRoom(wanted []File) error {
	left := f.opt.MaxBytes
	for _, file := range wanted {
		if left -= max(file.Size, 0); left < 0 {
			return fmt.Errorf("files are larger than MaxBytes, which is %d: %w", f.opt.MaxBytes, quintet.ErrModel)
		}
	}
	return nil
}

// one fetches a file and notes it.
func (f *fetch) one(ctx context.Context, want File) error {
	got, err := f.transfer(ctx, want)
	if err != nil {
		return err
	}
	f.manifest.put(got)
	if err := f.manifest.save(f.root, stateName); err != nil {
		return err
	}
	f.meter.completed(got.Name, got.Size)
	return nil
}

// ignore returns err unless it is allowed.
func ignore(err, allowed error) error {
	if errors.Is(err, allowed) {
		return nil
	}
	return err
}
